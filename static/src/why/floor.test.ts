import { expect, it } from "vitest";
import { floorOf } from "./floor";

it("is the least value where all are well above zero, and zero otherwise", () => {
  expect([[0.5, 0.75, NaN], [0.01, 2], [-1, 3], [-3, -1], [NaN], []].map(floorOf)).toEqual([0.5, 0, 0, 0, 0, 0]);
});
