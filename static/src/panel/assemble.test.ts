import { expect, it } from "vitest";
import type { Frame, FrameHeader } from "../lib/types";
import { assembled, entry, largest, norm, sum } from "./assemble";

function frame(data: Float32Array | Uint8Array, header: Partial<FrameHeader>): Frame {
  const given = { id: "a", node: "n", name: "x", dtype: "f32", kind: "weight", unit: "", range: [0, 1], nonfinite: 0 };
  return {
    header: { ...given, shape: [], axes: [], detail: "map", step: 1, steps: 1, ...header } as FrameHeader,
    data,
  };
}

it("takes a whole array as it is", () => {
  const data = new Float32Array([1, 2, 3, 4]);
  expect(assembled(undefined, frame(data, { shape: [2, 2], axes: ["row", "column"] }))?.data).toBe(data);
});

it("puts units where they belong, in whatever order they come", () => {
  const common = { full_shape: [3, 1, 2], axes: ["unit", "row", "column"] };
  const first = assembled(undefined, frame(new Float32Array([5, 6]), { ...common, shape: [1, 1, 2], units: [2] }));
  const both = assembled(first, frame(new Float32Array([3, 4, 1, 2]), { ...common, shape: [2, 1, 2], units: [1, 0] }));
  expect(both?.shape).toEqual([3, 1, 2]);
  expect([...(both?.data ?? [])]).toEqual([1, 2, 3, 4, 5, 6]);
  expect([...(first?.data ?? [])]).toEqual([0, 0, 0, 0, 5, 6]);
  if (both) expect([...entry(both, 1).data]).toEqual([3, 4]);
});

it("leaves out what was reduced", () => {
  const strip = frame(new Uint8Array([1]), { shape: [1, 1, 1], full_shape: [1, 2, 2], detail: "strip", units: [0] });
  expect(assembled(undefined, strip)).toBeUndefined();
});

it("finds the largest value in size that is finite", () => {
  expect(largest(new Float32Array([1, -3, Infinity, NaN]))).toBe(3);
  expect(largest([])).toBe(0);
});

it("sums and measures", () => {
  expect(sum(new Float32Array([1, -3, 0.5]))).toBe(-1.5);
  expect(norm(new Float32Array([3, -4]))).toBe(5);
});
