import { expect, it } from "vitest";
import type { Node } from "../lib/types";
import { channels, contributions, held, places, sliding, valueOver, windowBox, winner, type Sliding } from "./windows";

const node = (operation: string, shape: number[], details: Record<string, unknown> = {}): Node =>
  ({ name: operation, operation, shape, details, inputs: ["x"] }) as unknown as Node;

const source = node("input", [4, 5, 5]);
const given = { kernel_size: [3, 3], stride: [2, 2], padding: [1, 1], dilation: [1, 1] };
const how = sliding(node("convolution", [2, 3, 3], given), source) as Sliding;
const map = Array.from({ length: 25 }, (_, index) => index);

it("reads how a node slides from its details", () => {
  expect(how).toMatchObject({ way: "products", kernel: [3, 3], stride: [2, 2], input: [5, 5], output: [3, 3] });
  expect(sliding(node("relu", [4, 5, 5]), source)).toMatchObject({ way: "alone", kernel: [1, 1], stride: [1, 1] });
  expect(sliding(node("linear", [10]), source)).toBeNull();
  expect(sliding(node("add", [4, 5, 5]), source)).toBeNull();
});

it("puts the window where the value looks, padding and all", () => {
  expect(windowBox(how, [0, 2])).toEqual({ top: -1, left: 3, bottom: 1, right: 5 });
  expect(held(how, map, [0, 2])).toEqual([0, 0, 0, 3, 4, 0, 8, 9, 0]);
  expect(places({ ...how, dilation: [2, 2] }, [0, 0])[8]).toEqual([3, 3]);
});

it("finds the value over a place of the input", () => {
  for (const at of [
    [0, 0],
    [1, 2],
    [2, 1],
  ] as const) {
    const box = windowBox(how, at);
    expect(valueOver(how, [(box.top + box.bottom) / 2, (box.left + box.right) / 2])).toEqual(at);
  }
  expect(valueOver(how, [99, -99])).toEqual([2, 0]);
});

it("lets the largest value win, never the padding, and the first of equals", () => {
  const pool: Sliding = { ...how, way: "largest" };
  const negative = map.map((value) => value - 100);
  expect(winner(pool, negative, [0, 0])).toBe(8);
  expect(winner(pool, new Float32Array(25), [0, 0])).toBe(4);
});

it("reads the maps of the unit's own group", () => {
  const grouped = node("convolution", [8, 3, 3], { ...given, in_channels: 4, groups: 2 });
  expect(channels(grouped, 5)).toEqual({ first: 2, count: 2 });
  expect(channels(node("max_pool", [8, 3, 3]), 5)).toEqual({ first: 5, count: 1 });
});

it("tells what a map adds to every value", () => {
  const kernel = [0, 0, 0, 0, 1, 0, 0, 0, 2];
  const added = contributions(how, map, kernel);
  expect(added).toHaveLength(9);
  expect([added[0], added[4], added[8]]).toEqual([0 + 2 * 6, 12 + 2 * 18, 24]);
});
