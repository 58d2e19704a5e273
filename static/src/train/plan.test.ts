import { describe, expect, it } from "vitest";
import { complete, defaultRecipe, readPlan, writePlan } from "./plan";
import type { Options, Plan } from "./types";

const options = {
  recipe: {
    $defs: {
      Augmentation: { properties: { shift: { default: 0 }, flip: { default: false } } },
    },
    properties: {
      optimiser: { default: "sgd" },
      learning_rate: { default: 0.05 },
      batch_size: { default: 64 },
      dropout: { default: null },
      augmentation: { $ref: "#/$defs/Augmentation" },
    },
  },
} as unknown as Options;
const defaults = defaultRecipe(options);
const written = (plan: Plan): string => {
  const query = new URLSearchParams();
  writePlan(query, plan, defaults);
  return query.toString();
};

describe("a set-up", () => {
  it("has the defaults of the schema, those of the augmentation too", () => {
    expect(defaults).toEqual({
      optimiser: "sgd",
      learning_rate: 0.05,
      batch_size: 64,
      dropout: null,
      augmentation: { shift: 0, flip: false },
    });
  });

  it("is the same after its address was read", () => {
    const recipe = complete({ learning_rate: 0.5, dropout: 0.25, augmentation: { flip: true } as never }, defaults);
    const plan: Plan = { model: "lenet5", architecture: null, data: "mnist", recipe, seed: 7 };
    expect(written(plan)).toBe("data=mnist&model=lenet5&learning_rate=0.5&dropout=0.25&augment.flip=true&seed=7");
    expect(readPlan(new URLSearchParams(written(plan)), defaults)).toEqual(plan);
  });

  it("may have a network of its own", () => {
    const plan = { model: null, architecture: { blocks: [] } as never, data: "mnist", recipe: defaults, seed: 1 };
    expect(readPlan(new URLSearchParams(written(plan)), defaults)).toEqual(plan);
  });

  it.each([
    ["", null],
    ["data=mnist", null],
    ["data=mnist&net={no", null],
  ])("is none in “%s”", (query, plan) => {
    expect(readPlan(new URLSearchParams(query), defaults)).toBe(plan);
  });

  it("leaves out what makes no sense", () => {
    const plan = readPlan(new URLSearchParams("data=a&model=b&learning_rate=much&seed=x&what=5"), defaults);
    expect(plan).toEqual({ model: "b", architecture: null, data: "a", recipe: defaults, seed: 1 });
  });
});
