import { expect, it } from "vitest";
import type { Node } from "../lib/types";
import { operation, sight, summary, unitName } from "./describe";

const node: Node = {
  name: "conv_2_2",
  operation: "convolution",
  module: "conv_2_2",
  path: [],
  inputs: ["relu_2_1"],
  shape: [10, 26, 26],
  parameters: 910,
  macs: 608400,
  details: { kernel_size: [3, 3], stride: [1, 1], padding: [0, 0], groups: 1, in_channels: 10 },
  receptive_field: { size: [14, 14], step: [2, 2], start: [0, 0], whole: false },
  kind: "signed",
};

it("says what a convolution does and sees", () => {
  expect(summary(node)).toBe("convolution 3 × 3 over 10 maps · output 26 × 26 · receptive field 14 × 14, step 2");
});

it("tells stride and groups where there are any", () => {
  const grouped = { ...node, details: { ...node.details, stride: [2, 2], groups: 5 } };
  expect(operation(grouped)).toBe("convolution 3 × 3 in 5 groups of 2 maps");
  expect(summary(grouped)).toContain("stride 2 × 2");
});

it("calls an operation without words of its own by its name", () => {
  expect(operation({ ...node, operation: "local_response_norm" })).toBe("local response norm");
});

it("says when everything is seen", () => {
  expect(sight({ ...node, receptive_field: { ...node.receptive_field, whole: true } })).toBe("sees the whole picture");
});

it("calls units by number, class or colour", () => {
  expect(unitName(node, 3)).toBe("unit 3");
  expect(unitName({ ...node, shape: [10] }, 6, ["a", "b", "c", "d", "e", "f", "espresso"])).toBe("class 6: espresso");
  expect(unitName({ ...node, inputs: [], shape: [3, 64, 64] }, 1)).toBe("green");
});
