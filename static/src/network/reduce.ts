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

/** The byte that means zero, or where a map's range begins. */
export function restingByte(tile: Tile): number {
  return diverges(tile.kind) ? 128 : 1;
}

/** Makes a map smaller by keeping, of each cell, the value largest in size; what is not finite stays so. */
export function reduced(tile: Tile, rows: number, columns: number): Tile {
  if (rows >= tile.rows && columns >= tile.columns) return tile;
  const bytes = new Uint8Array(rows * columns);
  const resting = restingByte(tile);
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      bytes[row * columns + column] = strongest(
        tile,
        resting,
        cell(row, rows, tile.rows),
        cell(column, columns, tile.columns),
      );
    }
  }
  return { ...tile, rows, columns, bytes, exact: false };
}

/** The pixels first … last − 1 that a smaller one covers. */
function cell(index: number, small: number, large: number): [first: number, last: number] {
  const first = Math.floor((index * large) / small);
  return [first, Math.max(first + 1, Math.ceil(((index + 1) * large) / small))];
}

function strongest(
  tile: Tile,
  resting: number,
  [top, bottom]: [number, number],
  [left, right]: [number, number],
): number {
  let kept = resting;
  for (let row = top; row < bottom; row += 1) {
    for (let column = left; column < right; column += 1) {
      const byte = tile.bytes[row * tile.columns + column] ?? 0;
      if (byte === 0) return 0;
      if (Math.abs(byte - resting) > Math.abs(kept - resting)) kept = byte;
    }
  }
  return kept;
}
