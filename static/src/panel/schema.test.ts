import { describe, expect, it } from "vitest";
import { fields, read, untouched, type Field, type Schema } from "./schema";

// As pydantic writes it.
const schema: Schema = {
  $defs: { Start: { enum: ["uniform", "noise", "image"], title: "Start", type: "string" } },
  properties: {
    node: { title: "Node", type: "string" },
    steps: { title: "Steps", description: "Of ascent.", type: "integer", default: 200, minimum: 1, maximum: 2000 },
    learning_rate: { title: "Rate", anyOf: [{ type: "number", exclusiveMinimum: 0 }, { type: "null" }], default: null },
    start: { $ref: "#/$defs/Start", default: "uniform" },
    preset: { enum: ["lecture", "readable"], type: "string", title: "Preset", default: "readable" },
    jitter: {
      anyOf: [{ type: "integer", minimum: 0 }, { type: "null" }],
      unit: "px",
      title: "Jitter",
      default: null,
      presets: { lecture: 0, readable: 6 },
    },
    fourier: { anyOf: [{ type: "boolean" }, { type: "null" }], title: "Fourier", default: null },
    inputs: { type: "array", items: { type: "integer" }, title: "Inputs" },
  },
};

const byName = new Map(fields(schema, ["node"]).map((field) => [field.name, field]));
const field = (name: string): Field => {
  const found = byName.get(name);
  if (!found) throw new Error(`no field ${name}`);
  return found;
};

describe("fields", () => {
  it("keeps the order of the declaration and leaves out what is hidden", () => {
    expect([...byName.keys()]).toEqual(["steps", "learning_rate", "start", "preset", "jitter", "fourier", "inputs"]);
  });

  it("reads kinds, bounds, units, choices and what may be left empty", () => {
    expect(field("steps")).toMatchObject({
      kind: "integer",
      minimum: 1,
      maximum: 2000,
      optional: false,
      fallback: 200,
    });
    expect(field("learning_rate")).toMatchObject({ kind: "number", above: 0, optional: true, fallback: null });
    expect(field("start")).toMatchObject({ kind: "choice", choices: ["uniform", "noise", "image"], title: "Start" });
    expect(field("jitter")).toMatchObject({ kind: "integer", unit: "px", optional: true });
    expect(field("fourier")).toMatchObject({ kind: "boolean", optional: true });
    expect(field("inputs")).toMatchObject({ kind: "list", title: "Inputs" });
  });
});

describe("read", () => {
  it("reads numbers within their bounds", () => {
    expect(read(field("steps"), " 300 ")).toEqual({ value: 300 });
    expect(read(field("steps"), "0")).toEqual({ fault: "too_small" });
    expect(read(field("steps"), "2001")).toEqual({ fault: "too_large" });
    expect(read(field("steps"), "1.5")).toEqual({ fault: "not_whole" });
    expect(read(field("steps"), "many")).toEqual({ fault: "not_a_number" });
    expect(read(field("learning_rate"), "−1")).toEqual({ fault: "above" });
    expect(read(field("learning_rate"), "0,05")).toEqual({ value: 0.05 });
  });

  it("leaves what is optional to the method", () => {
    expect(read(field("jitter"), "")).toEqual({ value: null });
    expect(read(field("steps"), "")).toEqual({ fault: "empty" });
  });

  it("reads lists", () => expect(read(field("inputs"), "1, 2 5")).toEqual({ value: [1, 2, 5] }));
});

it("takes what is untouched from the preset, then from the default", () => {
  expect(untouched(field("jitter"), "readable")).toBe(6);
  expect(untouched(field("jitter"), null)).toBeNull();
  expect(untouched(field("steps"), "lecture")).toBe(200);
});
