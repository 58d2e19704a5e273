/** The kernels of a convolution as tiles, a column for each unit and a row for each input, on one range of colours. */

import { rangeOf } from "../lib/frame";
import type { Tile } from "../lib/maps";
import type { Frame, Pair } from "../lib/types";

/** So many units of a wide layer are drawn side by side, and so many of their inputs below each other. */
export const MOST_UNITS = 16;
export const MOST_INPUTS = 8;

export interface Kernels {
  inputs: number;
  /** Unit by unit, of each its inputs. */
  tiles: Tile[][];
  /** The weight largest in size among them, which ends the colours on either side. */
  largest: number;
}

/** The kernels of a frame, with those that came before in other frames of the same answer. */
export function kernelTiles({ header, data }: Frame, before?: Kernels): Kernels {
  const { shape } = header;
  const [, inputs = 1, rows = 1, columns = 1] = shape;
  const size = rows * columns;
  if (!(data instanceof Uint8Array)) throw new Error("Kernels are asked for as bytes.");
  const same = before?.inputs === inputs ? before : undefined;
  const tiles = same ? [...same.tiles] : [];
  const units = header.units ?? Array.from({ length: shape[0] ?? 0 }, (_, unit) => unit);
  units.forEach((unit, index) => {
    const own = rangeOf(header, index);
    tiles[unit] = Array.from({ length: inputs }, (_, input): Tile => {
      const from = (index * inputs + input) * size;
      return { rows, columns, bytes: data.subarray(from, from + size), own, kind: "weight", exact: true };
    });
  });
  const largest = Math.max(...tiles.flat().flatMap(({ own }: { own: Pair }) => own.map(Math.abs)), 0);
  return { inputs, tiles, largest };
}
