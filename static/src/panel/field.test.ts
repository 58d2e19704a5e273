import { expect, it } from "vitest";
import { box, clipped, padding, valueAt } from "./field";

// Tiny VGG's conv_2_2, whose values see 14 × 14 pixels every second pixel (CNN Explainer's own figures).
const convolution = { size: [14, 14], step: [2, 2], start: [0, 0], whole: false };
// ResNet's first convolution: 7 × 7, stride 2, padding 3.
const padded = { size: [7, 7], step: [2, 2], start: [-3, -3], whole: false };

it("finds the rows 22–35 and columns 18–31 of the value at row 11, column 9", () => {
  expect(box(convolution, 11, 9)).toEqual({ top: 22, left: 18, bottom: 35, right: 31 });
});

it("clips to the picture and counts the padding", () => {
  const corner = box(padded, 0, 111);
  expect(corner).toEqual({ top: -3, left: 219, bottom: 3, right: 225 });
  if (!corner) return;
  expect(clipped(corner, 224, 224)).toEqual({ top: 0, left: 219, bottom: 3, right: 223 });
  expect(padding(corner, 224, 224)).toBe(5);
  expect(clipped({ top: -9, left: 0, bottom: -1, right: 3 }, 8, 8)).toBeNull();
});

it("rounds fractions outwards", () => {
  expect(box({ size: [3, 3], step: [0.5, 0.5], start: [-0.5, -0.5], whole: false }, 0, 2)).toMatchObject({
    top: -1,
    bottom: 2,
    left: 0,
    right: 3,
  });
});

it("finds back the value from the centre of its box", () => {
  for (const [row, column] of [
    [0, 0],
    [11, 9],
    [25, 25],
  ] as const) {
    expect(valueAt(convolution, [10, 26, 26], row * 2 + 6.5, column * 2 + 6.5)).toEqual([row, column]);
  }
  expect(valueAt(padded, [64, 112, 112], 500, -20)).toEqual([111, 0]);
});

it("has no box where everything is seen", () => expect(box({ ...padded, whole: true }, 0, 0)).toBeNull());
