/** How large a map is drawn, and how it is made smaller: never blurred. */

import { diverges } from "../lib/frame";
import type { Tile } from "../lib/maps";

/** A whole multiple of the map's pixels that fills most of a box may leave a margin of this share. */
const MARGIN = 0.2;

/**
 * The side, in device pixels, at which `pixels` are drawn in a box: the largest whole multiple where that nearly fills the
 * box, else the box.
 */
export function drawnSide(pixels: number, box: number): number {
  const multiple = Math.floor(box / pixels) * pixels;
  return multiple >= box * (1 - MARGIN) ? multiple : box;
}

/** Where a map is drawn in its box, in device pixels: in the middle, as wide and high as its shape asks; a single value fills it. */
export function drawnBox(
  { rows, columns }: Pick<Tile, "rows" | "columns">,
  { x, y, width, height }: { x: number; y: number; width: number; height: number },
  ratio: number,
): { x: number; y: number; width: number; height: number } {
  const [left, top] = [Math.round(x * ratio), Math.round(y * ratio)];
  const [across, down] = [Math.max(Math.round(width * ratio), 1), Math.max(Math.round(height * ratio), 1)];
  if (rows * columns === 1) return { x: left, y: top, width: across, height: down };
  const longer = Math.max(rows, columns);
  const side = drawnSide(longer, Math.min(across, down));
  const [wide, high] = [Math.round((side * columns) / longer), Math.round((side * rows) / longer)];
  return {
    x: left + Math.floor((across - wide) / 2),
    y: top + Math.floor((down - high) / 2),
    width: Math.max(wide, 1),
    height: Math.max(high, 1),
  };
}

/** The byte that means zero, or where a map's range begins. */
export function restingByte(tile: Tile): number {
  return diverges(tile.kind) ? 128 : 1;
}

/** Makes a map smaller by keeping, of each cell, the value largest in size; what is not finite stays so. */
export function reduced(tile: Tile, rows: number, columns: number): Tile {
  if (rows >= tile.rows && columns >= tile.columns) return tile;
  const bytes = new Uint8Array(rows * columns);
  const [down, across] = [cells(rows, tile.rows), cells(columns, tile.columns)];
  const resting = restingByte(tile);
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      bytes[row * columns + column] = strongest(tile, resting, down, row, across, column);
    }
  }
  return { ...tile, rows, columns, bytes, exact: false };
}

/** Which of a map's rows or columns each of a smaller one covers: the first, and the one after the last, in turn. */
function cells(small: number, large: number): Uint16Array {
  const bounds = new Uint16Array(2 * small);
  for (let index = 0; index < small; index += 1) {
    const first = Math.floor((index * large) / small);
    bounds[2 * index] = first;
    bounds[2 * index + 1] = Math.max(first + 1, Math.ceil(((index + 1) * large) / small));
  }
  return bounds;
}

function strongest(
  { bytes, columns: width }: Tile,
  resting: number,
  down: Uint16Array,
  row: number,
  across: Uint16Array,
  column: number,
): number {
  const [top, bottom] = [down[2 * row] as number, down[2 * row + 1] as number];
  const [left, right] = [across[2 * column] as number, across[2 * column + 1] as number];
  let [kept, most] = [resting, 0];
  for (let y = top; y < bottom; y += 1) {
    for (let at = y * width + left; at < y * width + right; at += 1) {
      const byte = bytes[at] as number;
      if (byte === 0) return 0;
      const size = byte < resting ? resting - byte : byte - resting;
      if (size > most) [kept, most] = [byte, size];
    }
  }
  return kept;
}
