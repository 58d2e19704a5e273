import { describe, expect, it } from "vitest";
import { addends, reachOf, type Part } from "./addends";

const part = (input: number, ...values: number[]): Part => ({
  input,
  name: `map ${input}`,
  values: Float32Array.from(values),
  image: null,
});
const PARTS = [part(0, 2, 1), part(1, -5, 1)];

describe("the addends of a value", () => {
  it("begin where the one before ended, and end at the value", () => {
    const lines = addends(PARTS, -1.5, 0.5, 0, { rest: "the others", bias: "bias" });
    expect(lines.map(({ value }) => value)).toEqual([2, -5, 1, 0.5]);
    expect(lines.map(({ from }) => from)).toEqual([0, 2, -3, -2]);
    const last = lines.at(-1);
    expect((last?.from ?? 0) + (last?.value ?? 0)).toBe(-1.5);
  });

  it("leave out what there is not", () => {
    expect(addends(PARTS, -3, 0, 0, { rest: null, bias: "bias" }).map(({ name }) => name)).toEqual(["map 0", "map 1"]);
  });

  it("reach as far as any sum on the way", () => {
    const values = PARTS.map(({ values }) => values);
    expect(reachOf(values, Float32Array.from([-2.5, 2.5]), 0.5, [0])).toEqual([-3, 2]);
    expect(reachOf(values, Float32Array.from([-2.5, 2.5]), 0.5, [0, 1])).toEqual([-3, 2.5]);
  });
});
