import { describe, expect, it } from "vitest";
import type { Node } from "../lib/types";
import { GRAPHS } from "./fixtures/graphs";
import { drawnReadings, entryOf, record } from "./record";

const nodesOf = (model: keyof typeof GRAPHS) => new Map(GRAPHS[model].map((node) => [node.name, node]));

describe("which units a unit reads", () => {
  const read = (model: keyof typeof GRAPHS, name: string, unit: number) => {
    const all = nodesOf(model);
    return record(all.get(name) as Node, unit, all).reads.map((reading) => [reading.node.name, reading.units]);
  };

  it("is all of them for a convolution and a dense layer", () => {
    expect(read("tiny_vgg", "conv_1_2", 3)).toEqual([["relu_1_1", null]]);
    expect(read("lenet5", "fc4", 3)).toEqual([["relu3", null]]);
  });
  it("is the same one for a pool, and of both addends for a sum", () => {
    expect(read("tiny_vgg", "max_pool_1", 3)).toEqual([["relu_1_2", [3]]]);
    expect(read("resnet18", "layer1.0.add", 5)).toEqual([
      ["layer1.0.bn2", [5]],
      ["maxpool", [5]],
    ]);
  });
  it("is one of one input for a concatenation", () => {
    expect(read("squeezenet1_1", "features.3.concat", 63)).toEqual([["features.3.expand1x1_activation", [63]]]);
    expect(read("squeezenet1_1", "features.3.concat", 64)).toEqual([["features.3.expand3x3_activation", [0]]]);
    expect(read("dense", "concat.3", 24 + 12 + 5)).toEqual([["denselayer.1.2", [5]]]);
  });
  it("is its group's for a grouped convolution", () => {
    const all = nodesOf("tiny_vgg");
    const grouped = { ...(all.get("conv_1_2") as Node), details: { groups: 5 } };
    expect(record(grouped, 2, all).reads[0]?.units).toEqual([2, 3]);
  });
});

describe("a flatten", () => {
  const all = nodesOf("tiny_vgg");
  const flatten = all.get("flatten") as Node;

  it("reads each entry from one cell of one map, as torch lays them out", () => {
    // 13 × 13 values a map: entry 2 · 169 + 4 · 13 + 7.
    expect(record(flatten, 397, all).reads).toEqual([{ node: all.get("max_pool_2"), units: [2], cell: [4, 7] }]);
    for (const entry of [0, 12, 168, 169, 1689]) {
      const [reading] = record(flatten, entry, all).reads;
      expect(entryOf(reading?.node as Node, reading?.units?.[0] ?? -1, ...(reading?.cell ?? [-1, -1]))).toBe(entry);
    }
  });
  it("is seen through where it isn't drawn", () => {
    const resnet = nodesOf("resnet18");
    const fc = resnet.get("fc") as Node;
    const readings = drawnReadings(fc, 0, resnet, (name) => name !== "flatten");
    expect(readings.map(({ node, units }) => [node.name, units])).toEqual([["avgpool", null]]);
  });
});

it("says how a value comes about", () => {
  const ways = (model: keyof typeof GRAPHS, ...names: string[]) =>
    names.map((name) => record(nodesOf(model).get(name) as Node, 0, nodesOf(model)).way);
  expect(ways("resnet18", "input", "conv1", "bn1", "relu", "maxpool", "layer1.0.add", "avgpool")).toEqual([
    "source",
    "weighted_sum",
    "normalise",
    "each_value",
    "window",
    "combine",
    "whole_map",
  ]);
  expect(ways("squeezenet1_1", "features.3.concat")).toEqual(["join"]);
});
