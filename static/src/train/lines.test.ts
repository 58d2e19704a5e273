import { describe, expect, it } from "vitest";
import { extentOf, indexAt, linearAxis, logarithmicAxis, path, stepAxis } from "./lines";

describe("axes", () => {
  it("have round ticks around the values", () => {
    expect(linearAxis(0.12, 2.31).ticks).toEqual([0, 1, 2, 3]);
    expect(linearAxis(0, 1, 5).ticks).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
    expect(logarithmicAxis(0.02, 2.3).ticks).toEqual([0.01, 0.1, 1, 10]);
  });
  it("hold a series without width", () => {
    const axis = linearAxis(2, 2);
    expect(axis.share(2)).toBeGreaterThanOrEqual(0);
    expect(axis.share(2)).toBeLessThanOrEqual(1);
    expect(linearAxis(0, 0).ticks.every(Number.isFinite)).toBe(true);
  });
  it("end with the last step, round or not", () => {
    const axis = stepAxis(937);
    expect([axis.share(937), axis.ticks.at(-1)]).toEqual([1, 800]);
    expect(stepAxis(0).share(0)).toBe(0);
  });
});

describe("a path", () => {
  const at = Array.from({ length: 10_000 }, (_, step) => step);
  it("keeps the spikes of a long series in few points", () => {
    const values = at.map((step) => (step === 4321 ? 9 : step === 7777 ? -9 : 0));
    const line = path({ at, values }, stepAxis(9999), linearAxis(-9, 9), 100, 100);
    const heights = [...line.matchAll(/[ML][\d.]+ ([\d.]+)/g)].map(([, y]) => Number(y));
    expect(heights.length).toBeLessThan(450);
    const share = linearAxis(-9, 9).share;
    expect(Math.min(...heights)).toBeCloseTo(100 * (1 - share(9)), 1);
    expect(Math.max(...heights)).toBeCloseTo(100 * (1 - share(-9)), 1);
  });
  it("is broken by what is not finite", () => {
    const line = path({ at: [0, 1, 2, 3], values: [1, NaN, 2, 3] }, stepAxis(3), linearAxis(0, 4), 300, 100);
    expect(line.match(/M/g)).toHaveLength(2);
  });
  it("says nothing of no values", () => {
    expect(path({ at: [], values: [] }, stepAxis(3), linearAxis(0, 4), 300, 100)).toBe("");
    expect(extentOf([{ at: [0], values: [NaN] }])).toBe(null);
  });
});

it("the value at a step is the last that was measured by then", () => {
  expect([-1, 0, 4, 5, 99].map((step) => indexAt([0, 5, 10], step))).toEqual([-1, 0, 0, 1, 2]);
});
