import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Data } from "./data.svelte";
import type { Frame, Statistics } from "./types";

const about = (largest: number): Statistics => ({ max: [largest], order: [0], range: [0, largest] }) as Statistics;
const frame = (node: string): Frame =>
  ({
    header: {
      id: "a1",
      name: node,
      node,
      units: [0],
      axes: ["unit", "row", "column"],
      shape: [1, 1, 1],
      dtype: "u8",
      kind: "signed",
      range: [[0, 1]],
    },
    data: new Uint8Array([7]),
  }) as unknown as Frame;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function known(): Data {
  const data = new Data();
  data.forget("first");
  data.addStatistics({ conv: about(1), relu: about(2) });
  data.addFrame(frame("conv"));
  data.state = "done";
  return data;
}

test("what is known of an image stays until the next one's is there", () => {
  const data = known();
  data.forget("second");
  expect(data.statistics.get("conv")?.max).toEqual([1]);
  expect(data.tileState("conv", 0)).toBe("computing");
  data.addStatistics({ conv: about(3) });
  data.addStatistics({ conv: about(4) });
  expect(data.statistics.get("conv")?.max).toEqual([3]);
});

test("maps of another image are faint only where the new ones are long in coming", () => {
  const data = known();
  vi.advanceTimersByTime(10_000);
  data.forget("second");
  expect(data.strength("conv")).toBe(1);
  vi.advanceTimersByTime(299);
  expect(data.strength("conv")).toBe(1);
  vi.advanceTimersByTime(1);
  expect(data.strength("conv")).toBeLessThan(1);
  data.addFrame(frame("conv"));
  expect(data.strength("conv")).toBe(1);
});

test("a failure takes away what is another image's, and nothing else", () => {
  const data = known();
  data.forget("second");
  data.addStatistics({ relu: about(5) });
  data.fail({ type: "x", title: "x", status: 500, detail: "x" });
  expect(data.statistics.has("conv")).toBe(false);
  expect(data.tile("conv", 0)).toBeUndefined();
  expect(data.statistics.get("relu")?.max).toEqual([5]);
});
