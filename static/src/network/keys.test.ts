import { describe, expect, it } from "vitest";
import { arrow, type Stack } from "./keys";

// One column of 4, then two stacks of 2 in one column, then one of 8 that are closer together.
const STACKS: Stack[] = [
  { column: 1, tiles: 4, top: 100, pitch: 60 },
  { column: 2, tiles: 2, top: 100, pitch: 60 },
  { column: 2, tiles: 2, top: 240, pitch: 60 },
  { column: 5, tiles: 8, top: 100, pitch: 30 },
];
const go = (key: string, column: number, tile: number) => arrow(key, { column, tile }, STACKS);

describe("arrows", () => {
  it("lead up and down a column, to its name, and on to the stack below", () => {
    expect(go("ArrowDown", 0, 1)).toEqual({ column: 0, tile: 2 });
    expect(go("ArrowUp", 0, 0)).toEqual({ column: 0, tile: -1 });
    expect(go("ArrowDown", 1, 1)).toEqual({ column: 2, tile: -1 });
    expect(go("ArrowUp", 2, -1)).toEqual({ column: 1, tile: 1 });
  });
  it("lead to the tile at the same height of the next column", () => {
    expect(go("ArrowRight", 0, 3)).toEqual({ column: 2, tile: 1 });
    expect(go("ArrowRight", 2, 0)).toEqual({ column: 3, tile: 5 });
    expect(go("ArrowLeft", 3, 7)).toEqual({ column: 2, tile: 1 });
    expect(go("ArrowLeft", 1, 1)).toEqual({ column: 0, tile: 1 });
  });
  it("keep among names", () => {
    expect(go("ArrowRight", 0, -1)).toEqual({ column: 1, tile: -1 });
  });
  it("stay at the edges", () => {
    expect(go("ArrowLeft", 0, 2)).toEqual({ column: 0, tile: 2 });
    expect(go("ArrowRight", 3, 2)).toEqual({ column: 3, tile: 2 });
    expect(go("ArrowDown", 0, 3)).toEqual({ column: 0, tile: 3 });
    expect(go("ArrowUp", 0, -1)).toEqual({ column: 0, tile: -1 });
  });
  it("jump to the ends, and leave other keys alone", () => {
    expect([go("Home", 0, 2), go("End", 0, 2)]).toEqual([
      { column: 0, tile: 0 },
      { column: 0, tile: 3 },
    ]);
    expect(go("Enter", 0, 2)).toBeNull();
  });
});
