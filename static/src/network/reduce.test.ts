import { describe, expect, it } from "vitest";
import type { Tile } from "../lib/maps";
import { drawnSide, reduced } from "./reduce";
import { grouped } from "./tilesgl";

const tile = (rows: number, columns: number, bytes: number[], kind: Tile["kind"] = "signed"): Tile => ({
  rows,
  columns,
  bytes: Uint8Array.from(bytes),
  own: kind === "positive" ? [0, 1] : [-1, 1],
  kind,
  exact: true,
});

describe("the side of a drawn map", () => {
  it("is a whole multiple of its pixels where that nearly fills the box", () => {
    expect(drawnSide(62, 64)).toBe(62);
    expect(drawnSide(13, 64)).toBe(52);
    expect(drawnSide(1, 20)).toBe(20);
  });
  it("is the box where it does not, and where the map is larger", () => {
    expect(drawnSide(26, 48)).toBe(48);
    expect(drawnSide(224, 64)).toBe(64);
  });
});

describe("a map made smaller", () => {
  it("keeps of each cell the value farthest from zero, with its sign", () => {
    const small = reduced(tile(2, 4, [128, 130, 1, 200, 120, 128, 255, 128]), 1, 2);
    expect([...small.bytes]).toEqual([120, 1]);
  });
  it("keeps the largest where nothing is negative", () => {
    expect([...reduced(tile(2, 2, [1, 9, 3, 2], "positive"), 1, 1).bytes]).toEqual([9]);
  });
  it("shows that a value was not finite", () => {
    expect([...reduced(tile(1, 2, [255, 0]), 1, 1).bytes]).toEqual([0]);
  });
  it("covers every pixel when sides don't divide", () => {
    for (let at = 0; at < 7; at += 1) {
      const bytes = Array.from({ length: 7 }, (_, index) => (index === at ? 255 : 128));
      expect(Math.max(...reduced(tile(1, 7, bytes), 1, 3).bytes)).toBe(255);
    }
  });
  it("is the same where there is nothing to do", () => {
    const map = tile(2, 2, [1, 2, 3, 4]);
    expect(reduced(map, 4, 4)).toBe(map);
  });
});

it("puts maps of one node and size into arrays of at most 256 layers", () => {
  const placements = Array.from({ length: 600 }, (_, unit) => ({
    tile: tile(1, 1, [unit % 255]),
    key: `conv#${unit}@1`,
    x: 0,
    y: 0,
    width: 8,
    height: 8,
    shown: [-1, 1] as [number, number],
    alpha: 1,
  }));
  expect([...grouped(placements).values()].map((group) => group.length)).toEqual([256, 256, 88]);
});
