import { describe, expect, it } from "vitest";
import { corner, hit, moved, ordered, wall } from "./wall";

describe("ordered", () => {
  const strengths = { order: [3, 1, 0, 2], max: [1, 5, 5, null], mean: [0.4, 0.1, 0.2, 0.3], variance: [0, 1, 2, 3] };

  it("puts the strongest first, equals by number, unknown last", () => {
    expect(ordered(4, "max", strengths)).toEqual([1, 2, 0, 3]);
    expect(ordered(4, "mean", strengths)).toEqual([0, 3, 2, 1]);
    expect(ordered(4, "variance", strengths)).toEqual([3, 2, 1, 0]);
  });

  it("takes the server's order by strength, once it has come for all units", () => {
    expect(ordered(4, "strength", strengths)).toEqual([3, 1, 0, 2]);
    expect(ordered(4, "strength", { ...strengths, order: [] })).toEqual([0, 1, 2, 3]);
  });

  it("keeps the numbers' order when asked, or while nothing is known", () => {
    expect(ordered(4, "id", strengths)).toEqual([0, 1, 2, 3]);
    expect(ordered(3, "max", undefined)).toEqual([0, 1, 2]);
  });
});

describe("wall", () => {
  for (const [tiles, width] of [
    [10, 446],
    [64, 446],
    [512, 446],
    [1, 446],
    [64, 350],
    [96, 620],
  ] as const) {
    it(`fills ${width} pixels with ${tiles} tiles that stay inside`, () => {
      const layout = wall(tiles, width);
      const right = Math.max(...Array.from({ length: tiles }, (_, index) => corner(layout, index)[0] + layout.tile));
      expect(right).toBeLessThanOrEqual(width);
      expect(layout.tile).toBeGreaterThanOrEqual(44);
      expect(layout.tile).toBeLessThanOrEqual(110);
      expect(corner(layout, tiles - 1)[1] + layout.tile).toBe(layout.height);
    });
  }

  it("finds the tile under a point, and none in the gaps", () => {
    const layout = wall(10, 446);
    for (let index = 0; index < 10; index++) {
      const [x, y] = corner(layout, index);
      expect(hit(layout, 10, x, y)).toBe(index);
      expect(hit(layout, 10, x + layout.tile - 1, y + layout.tile - 1)).toBe(index);
      expect(hit(layout, 10, x + layout.tile, y)).toBeNull();
    }
    const [x, y] = corner(layout, 10);
    expect(hit(layout, 10, x, y)).toBeNull();
    expect(hit(layout, 10, -1, 5)).toBeNull();
  });

  it("moves by arrows and stays at the edges", () => {
    const layout = { ...wall(10, 446), columns: 4, rows: 3 };
    expect(moved(layout, 10, 0, "ArrowRight")).toBe(1);
    expect(moved(layout, 10, 0, "ArrowDown")).toBe(4);
    expect(moved(layout, 10, 0, "ArrowUp")).toBe(0);
    expect(moved(layout, 10, 9, "ArrowDown")).toBe(9);
    expect(moved(layout, 10, 3, "End")).toBe(9);
    expect(moved(layout, 10, 7, "Home")).toBe(0);
  });
});
