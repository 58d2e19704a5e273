/** A map: one unit's values as bytes with the range that they mean. */

import { shownRange } from "./colours";
import { rangeOf, valueOfByte } from "./frame";
import type { Frame, Kind, Pair } from "./types";

export interface Tile {
  readonly rows: number;
  readonly columns: number;
  readonly bytes: Uint8Array;
  /** What the bytes 1 and 255 mean. */
  readonly own: Pair;
  readonly kind: Exclude<Kind, "picture">;
  /** Whether these are the true pixels, or a reduction that keeps the value largest in size of each cell. */
  readonly exact: boolean;
  /** The exact value of a unit that is a single number. */
  readonly number?: number;
}

/** The units that a frame holds, each as a map. A dense node's numbers become maps of one pixel. */
export function tilesOf({ header, data }: Frame): Map<number, Tile> {
  if (header.kind === "picture" || header.axes[0] !== "unit") {
    throw new Error(`“${header.name}” holds no maps of units.`);
  }
  const { kind } = header;
  const units = header.units ?? Array.from({ length: header.shape[0] ?? 0 }, (_, unit) => unit);
  const [, rows = 1, columns = 1] = header.shape;
  const size = rows * columns;
  const tiles = new Map<number, Tile>();
  units.forEach((unit, index) => {
    const part = data.subarray(index * size, (index + 1) * size);
    const exact = header.detail === "map";
    if (part instanceof Uint8Array) {
      tiles.set(unit, { rows, columns, bytes: part, own: rangeOf(header, index), kind, exact });
    } else {
      const own = shownRange(kind, rangeOf(header, index));
      const bytes = Uint8Array.from(part, (value) => byteOfValue(value, own));
      const number = size === 1 ? { number: part[0] ?? Number.NaN } : {};
      tiles.set(unit, { rows, columns, bytes, own, kind, exact, ...number });
    }
  });
  return tiles;
}

function byteOfValue(value: number, [low, high]: Pair): number {
  if (!Number.isFinite(value)) return 0;
  return high > low ? 1 + Math.round(((value - low) / (high - low)) * 254) : low < 0 ? 128 : 1;
}

/** The value at a pixel: exact for a single number, else what its byte means. */
export function valueAt(tile: Tile, row: number, column: number): number {
  return tile.number ?? valueOfByte(tile.bytes[row * tile.columns + column] ?? 0, ...tile.own);
}
