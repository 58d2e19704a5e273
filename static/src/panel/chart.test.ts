import { expect, it } from "vitest";
import { bars, curve, extent } from "./chart";

it("draws a rising curve from the lower left", () => {
  expect(curve([0, 1, 2], [0, 10, 20], 40, 100, 40)).toBe("M0 40L25 20L50 0");
  expect(curve([3, 3], [0, 8], 8, 100, 40)).toBe("M0 20L100 20");
  expect(curve([], [], 8, 100, 40)).toBe("");
});

it("finds the extent of what is finite", () => {
  expect(extent([NaN, 2, -1, Infinity])).toEqual([-1, 2]);
  expect(extent([])).toEqual([0, 1]);
});

it("draws bars that fill the width and show the rarest value", () => {
  const drawn = bars([-1, 0, 1, 3], [400, 0, 1], 80, 20);
  expect(drawn.map((bar) => [bar.x, bar.width])).toEqual([
    [0, 20],
    [20, 20],
    [40, 40],
  ]);
  expect(drawn.map((bar) => bar.height)).toEqual([20, 0, 1]);
  expect(drawn.every((bar) => bar.y + bar.height === 20)).toBe(true);
});

it("draws values that are all the same as one bar", () => {
  expect(bars([0, 0], [640], 80, 20)).toEqual([{ x: 0, width: 80, y: 0, height: 20, low: 0, high: 0, count: 640 }]);
});
