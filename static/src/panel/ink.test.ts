import { expect, it } from "vitest";
import tables from "../lib/colours.json";
import { colourOf } from "../lib/colours";
import { inkOn, luminance } from "./ink";

it("knows black, white and the middle", () => {
  expect(luminance("rgb(255 255 255)")).toBeCloseTo(1);
  expect(luminance("rgb(0 0 0)")).toBe(0);
  expect([inkOn("rgb(255 255 255)"), inkOn("rgb(0 0 0)")]).toEqual(["#000000", "#ffffff"]);
});

it("is read with a contrast of at least 4.5 : 1 on every colour of every map", () => {
  for (const theme of ["light", "dark"] as const) {
    for (const kind of Object.keys(tables[theme]) as ("signed" | "positive" | "weight" | "attribution")[]) {
      for (let value = -1; value <= 1; value += 1 / 64) {
        const colour = colourOf(value, kind, theme, [-1, 1]);
        const [a, b] = [luminance(colour) + 0.05, (inkOn(colour) === "#ffffff" ? 1 : 0) + 0.05];
        expect(Math.max(a, b) / Math.min(a, b)).toBeGreaterThanOrEqual(4.5);
      }
    }
  }
});
