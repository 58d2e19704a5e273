import { expect, it } from "vitest";
import { movedCell, strongest } from "./place";

it("moves by arrows, farther with Shift, and stays on the map", () => {
  expect(movedCell([3, 3], "ArrowUp", false, 26, 26)).toEqual([2, 3]);
  expect(movedCell([3, 3], "ArrowRight", true, 26, 26)).toEqual([3, 13]);
  expect(movedCell([3, 3], "ArrowLeft", true, 26, 26)).toEqual([3, 0]);
  expect(movedCell([3, 3], "Enter", false, 26, 26)).toBeNull();
});

it("finds the value largest in size", () => {
  expect(strongest([0, 1, -5, 2, 5, 0], 3)).toEqual([0, 2]);
  expect(strongest([], 3)).toEqual([0, 0]);
});
