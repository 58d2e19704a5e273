import { describe, expect, it } from "vitest";
import type { Classification, Node, Statistics } from "../lib/types";
import { classRows } from "./classes";
import { GRAPHS } from "./fixtures/graphs";
import { largest, tileLabel } from "./labels";
import { abbreviated, wrapped } from "./names";

const STATISTICS = { min: [-6.4159, 0, null], max: [2, 0.0071, null] } as unknown as Statistics;
const TILE = { rows: 1, columns: 1, bytes: Uint8Array.of(255), own: [-1, 1], kind: "signed", exact: true } as const;

const node = (name: string): Node => ({ name, operation: "linear", inputs: [], shape: [10] }) as unknown as Node;

describe("what a tile says", () => {
  it("is its value that is largest in size", () => {
    expect(largest(STATISTICS, 0)).toBe(-6.4159);
    expect(tileLabel(node("conv_2_2"), 0, "done", STATISTICS, undefined, new Map())).toBe(
      "conv_2_2 unit 0, largest −6.42",
    );
    expect(tileLabel(node("conv_2_2"), 1, "done", STATISTICS, undefined, new Map())).toBe(
      "conv_2_2 unit 1, largest 0.00710",
    );
  });
  it("is the value itself of a single number", () => {
    expect(tileLabel(node("fc"), 7, "done", undefined, { ...TILE, own: [-1, 1], number: -0.25 }, new Map())).toBe(
      "fc unit 7, value −0.250",
    );
  });
  it("is that it isn't known, while it isn't", () => {
    expect(tileLabel(node("conv"), 2, "done", STATISTICS, undefined, new Map())).toBe("conv unit 2");
    expect(tileLabel(node("conv"), 2, "computing", undefined, undefined, new Map())).toBe(
      "conv unit 2, being computed",
    );
    expect(tileLabel(node("conv"), 2, "failed", undefined, undefined, new Map())).toBe("conv unit 2, failed");
  });
});

describe("the classes", () => {
  const answer: Classification = {
    top: [{ index: 2, label: "class 2", probability: 0.5, logit: 3 }],
    softmax: { maximum: 3, sum: 4, exps: [0.5, 1.5, 2] },
    classes: 3,
  };
  it("are all of a small network's, with the softmax of each", () => {
    expect(classRows(["a", "b", "c"], answer).map(({ probability }) => probability)).toEqual([0.125, 0.375, 0.5]);
    expect(classRows(["a", "b"], null)).toEqual([
      { index: 0, label: "a", probability: null },
      { index: 1, label: "b", probability: null },
    ]);
  });
  it("are the most probable of a large one's", () => {
    const many = Array.from({ length: 1000 }, (_, index) => `class ${index}`);
    expect(classRows(many, answer)).toEqual([{ index: 2, label: "class 2", probability: 0.5 }]);
    expect(classRows(many, null)).toEqual([]);
  });
});

it("shortens a name so that its end still tells it apart", () => {
  expect(abbreviated("conv1", 90)).toBe("conv1");
  const [first, second] = ["downsample.0", "downsample.1"].map((name) => abbreviated(name, 70));
  expect(first).not.toBe(second);
  expect(first?.length).toBeLessThan(11);
});

it("breaks a name where its parts join into lines as short as can be, or says that it is too long", () => {
  expect(wrapped("relu", 60)).toEqual(["relu"]);
  expect(wrapped("expand1x1_activation", 90)).toEqual(["expand1x1_", "activation"]);
  expect(wrapped("conv_1_1", 60)).toEqual(["conv_", "1_1"]);
  expect(wrapped("max_pool_1", 62)).toEqual(["max_", "pool_1"]);
  expect(wrapped("denselayer", 60)).toBeNull();
});

it("says of a flattened entry where it comes from", () => {
  const nodes = new Map(GRAPHS.tiny_vgg.map((entry) => [entry.name, entry]));
  const said = tileLabel(
    nodes.get("flatten") as Node,
    397,
    "done",
    undefined,
    { ...TILE, own: [-1, 1], number: 0.5 },
    nodes,
  );
  expect(said).toBe("flatten entry 397, value 0.500: max_pool_2 unit 2, row 4, column 7");
});
