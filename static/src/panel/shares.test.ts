import { expect, it } from "vitest";
import { shares } from "./shares";

it("puts the likeliest first, with its share of the sum", () => {
  const logits = [0, Math.log(4), 0];
  const exps = logits.map((logit) => Math.exp(logit - Math.log(4)));
  const told = shares(logits, { maximum: Math.log(4), sum: 1.5, exps });
  expect(told.map(({ index }) => index)).toEqual([1, 0, 2]);
  expect(told[0]?.probability).toBeCloseTo(1 / 1.5);
  expect(told.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1);
});

it("puts what is no number last", () => {
  const told = shares([Number.NaN, -3], { maximum: null, sum: null, exps: [null, null] });
  expect(told.map(({ index }) => index)).toEqual([1, 0]);
});
