import { describe, expect, it } from "vitest";
import lenet5 from "../network/fixtures/lenet5.json";
import type { Node } from "../lib/types";
import { laidOut } from "./rows";
import { rowsOf, type Place } from "./wall";

const INPUTS: Record<string, number> = { conv1: 1, conv2: 6 };
const nodes = (lenet5 as unknown as Node[]).map((node) => ({ ...node, details: { in_channels: INPUTS[node.name] } }));
const rows = rowsOf(nodes);

describe("the layers of a run", () => {
  it("are those with weights, seen behind their activations", () => {
    expect(rows.map(({ node, seen }) => [node.name, seen.name])).toEqual([
      ["conv1", "relu1"],
      ["conv2", "relu2"],
      ["fc3", "relu3"],
      ["fc4", "relu4"],
      ["output", "output"],
    ]);
  });

  it.each([420, 700, 1100])("have places that nothing else stands on, %d pixels wide", (width) => {
    const { rows: placed, height } = laidOut(rows, width);
    const places: Place[] = placed.flatMap(({ kernels, maps }) => [...kernels.places, ...maps.places]);
    for (const { x, y, side } of places) {
      expect(x + side).toBeLessThanOrEqual(width);
      expect(y + side).toBeLessThanOrEqual(height);
    }
    places.sort((a, b) => a.y - b.y || a.x - b.x);
    const corners = new Set(places.map(({ x, y }) => `${x} ${y}`));
    expect(corners.size).toBe(places.length);
  });
});
