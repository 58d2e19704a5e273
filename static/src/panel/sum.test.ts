import { describe, expect, it } from "vitest";
import { door, equal, folded, followed, scale, type Arithmetic, type Group, type Place } from "./sum";

const group = (unit: number, value: number): Group => ({ label: `map ${unit}`, unit, value, count: 9 });

const answer: Arithmetic = {
  node: "conv_2_2",
  operation: "convolution",
  value: -3.66,
  unit: 3,
  row: 11,
  column: 9,
  terms: [],
  groups: [group(0, -0.1), group(1, 2.009), group(2, -3.398), group(3, -2.159)],
  bias: 0.018,
  sum: -3.6601,
  difference: -0.0001,
  formula: "",
  sentence: "",
};

it("calls a sum equal within 1e-4 of the value and no farther", () => {
  expect(equal(answer)).toBe(true);
  expect(equal({ ...answer, sum: -3.6605 })).toBe(false);
  expect(equal({ ...answer, sum: null })).toBe(false);
  expect(equal({ ...answer, value: 0, sum: 0 })).toBe(true);
});

describe("folded", () => {
  it("keeps the largest and loses nothing of the sum", () => {
    const { first, rest, restValue } = folded(answer.groups, 2);
    expect(first.map((one) => one.unit)).toEqual([2, 3]);
    expect(rest).toHaveLength(2);
    const shown = first.reduce((sum, one) => sum + one.value, 0) + restValue;
    expect(shown).toBeCloseTo(-0.1 + 2.009 - 3.398 - 2.159);
  });
});

it("takes its scale from the largest line", () => expect(scale({ ...answer, value: 1 })).toBe(3.398));

it("opens a door only where a term is a value of the network", () => {
  expect(door({ label: "bias", value: 1 })).toBeNull();
  expect(door({ label: "unit 4", value: 1, node: "flatten", unit: 4 })).toEqual({
    node: "flatten",
    unit: 4,
    at: [0, 0],
  });
});

describe("followed", () => {
  const place = (node: string, row = 1): Place => ({ node, unit: 0, at: [row, 2] });
  const trail = [place("a"), place("b"), place("c")];

  it("grows through doors and is cut by going back", () => {
    expect(followed(trail.slice(0, 2), place("c"), true)).toEqual(trail);
    expect(followed(trail, place("b"), true)).toEqual(trail.slice(0, 2));
    expect(followed(trail, place("c"), false)).toBe(trail);
  });

  it("moves its end on one map, and begins anew elsewhere", () => {
    expect(followed(trail, place("c", 5), false)).toEqual([place("a"), place("b"), place("c", 5)]);
    expect(followed(trail, place("d"), false)).toEqual([place("d")]);
  });
});
