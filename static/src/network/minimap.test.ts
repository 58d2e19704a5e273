import { expect, it } from "vitest";
import { named } from "./minimap";
import type { Part } from "./parts";

const part = (label: string, from: number, to: number): Part => ({ id: label, label, from, to }) as Part;

it("names every part that has room, each with its digit", () => {
  const parts = [part("conv1", 0, 100), part("pool", 100, 200), part("layer1", 200, 400)];
  expect(named(parts, 1, 400).sort((one, other) => one.left - other.left)).toEqual([
    { id: "conv1", label: "conv1", digit: 1, left: 0 },
    { id: "pool", label: "pool", digit: 2, left: 100 },
    { id: "layer1", label: "layer1", digit: 3, left: 200 },
  ]);
});

it("lets a name reach over a narrow part beside it, and no two touch", () => {
  const parts = Array.from({ length: 20 }, (_, index) => part(`conv_${index}`, 30 * index, 30 * index + 30));
  const names = named(parts, 1, 600);
  expect(names.length).toBeGreaterThanOrEqual(6);
  const ends = names.map(({ label, digit, left }) => [left, left + (label.length + (digit ? 2 : 0)) * 7.2]);
  ends.sort(([one = 0], [other = 0]) => one - other);
  ends.slice(1).forEach(([from = 0], index) => expect(from).toBeGreaterThan(ends[index]?.[1] ?? 0));
});

it("names a wide part before the narrow ones that would stand in its way", () => {
  const parts = [part("a_long_name", 0, 20), part("inception", 20, 120)];
  expect(named(parts, 1, 120).map(({ label }) => label)).toEqual(["inception"]);
});
