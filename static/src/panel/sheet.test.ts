import { expect, it } from "vitest";
import { HEIGHTS, next, pixels, settled } from "./sheet";

const WINDOW = 844;

it("rests at the nearest height", () => {
  for (const height of HEIGHTS) expect(settled(pixels(height, WINDOW) + 20, WINDOW, 0)).toBe(height);
  expect(settled(30, WINDOW, 0)).toBeNull();
});

it("goes on in the direction in which it is thrown", () => {
  expect(settled(pixels("half", WINDOW) + 5, WINDOW, 1)).toBe("full");
  expect(settled(pixels("half", WINDOW) - 5, WINDOW, -1)).toBe("peek");
  expect(settled(pixels("peek", WINDOW) - 5, WINDOW, -1)).toBeNull();
  expect(settled(pixels("full", WINDOW) + 5, WINDOW, 1)).toBe("full");
});

it("goes through all heights by the handle", () => {
  expect(HEIGHTS.map(next)).toEqual(["half", "full", "peek"]);
});
