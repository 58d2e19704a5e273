import { expect, test } from "vitest";
import { byFamily } from "./families";

const card = (id: string, family: string, year: number) => ({ id, family, year });

test("families stand by age, and keep the order of their members", () => {
  const cards = [
    card("tiny", "VGG", 2020),
    card("lenet5", "LeNet", 1998),
    card("vgg16", "VGG", 2014),
    card("b0", "E", 2019),
  ];
  const told = byFamily(cards).map(([family, members]) => [family, members.map(({ id }) => id)]);
  expect(told).toEqual([
    ["LeNet", ["lenet5"]],
    ["VGG", ["tiny", "vgg16"]],
    ["E", ["b0"]],
  ]);
});

test("no networks make no families", () => {
  expect(byFamily([])).toEqual([]);
});
