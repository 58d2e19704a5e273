import { expect, it } from "vitest";
import { average, placeOf, sorted, trimmed, type Told } from "./population";

const told: Told = {
  ...{ pictures: 3, edges: [-1, 0, 3], mean: [0, 1, 2], least: [0, 0, 0], greatest: [0, 2, 3], dead: [0] },
  ...{ zeros: [1, 0.5, 0.5], selectivity: [null, 0.2, 0.9], class: [0, 1, 2], here: [0, 4, 1] },
};

it("sorts units by a number, those without one last, equals by their own", () => {
  expect(sorted(told, "selectivity")).toEqual([2, 1, 0]);
  expect(sorted(told, "zeros")).toEqual([0, 1, 2]);
  expect(sorted(told, "here")).toEqual([1, 2, 0]);
  expect(sorted(told, "id")).toEqual([0, 1, 2]);
});

it("places a value between the edges, and what is beyond them at the end", () => {
  expect([-1, 1, 3, 9].map((value) => placeOf(value, told.edges))).toEqual([0, 0.5, 1, 1]);
  expect(placeOf(2, [5, 5])).toBe(0.5);
});

it("trims a histogram to what a unit has of it", () => {
  expect(trimmed([0, 1, 2, 3, 4], [0, 5, 0, 1])).toEqual({ edges: [1, 2, 3, 4], counts: [5, 0, 1] });
  expect(trimmed([0, 1, 2], [3, 0])).toEqual({ edges: [0, 1], counts: [3] });
  expect(trimmed([0, 1, 2], [0, 0])).toEqual({ edges: [0, 1, 2], counts: [0, 0] });
});

it("averages what is there", () => {
  expect(average([1, null, 2])).toBe(1.5);
  expect(average([null])).toBe(null);
});
