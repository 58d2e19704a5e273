/** How the rows of the layers are laid out in a width: everything has its place before its values arrive. */

import { drawnOf, gridOf, tableOf, type Row, type Wall } from "./wall";

const NAME = 104;
const GAP = 20;
const NORMS = 140;
const TOP = 10;
/** Below the tiles: the ends of their colours, and air. */
const BELOW = 30;
const LEAST = 100;
/** A dense layer's values are single numbers. */
const VALUES = 120;
const MAPS = 32;

export interface LaidOut {
  row: Row;
  y: number;
  height: number;
  kernels: Wall;
  maps: Wall;
}

export interface Plan {
  rows: LaidOut[];
  narrow: boolean;
  kernels: number;
  maps: number;
  height: number;
}

function kernelsOf({ node }: Row, room: number): Wall {
  if (node.operation !== "convolution") return { places: [], width: 0, height: 0 };
  const { units, inputs } = drawnOf(node);
  return inputs === 1 ? gridOf(units, room) : tableOf(units, inputs, room);
}

function mapsOf({ seen }: Row, room: number): Wall {
  const units = seen.shape[0] ?? 1;
  if (seen.shape.length === 3) return gridOf(Math.min(units, MAPS), room);
  return gridOf(Math.min(units, VALUES), room, Math.ceil(units / 30), 14);
}

const moved = ({ places, ...wall }: Wall, left: number, top: number): Wall => ({
  ...wall,
  places: places.map(({ x, y, side }) => ({ x: x + left, y: y + top, side })),
});

/** Narrower than this, maps stand below the kernels, and both below the layer's name. */
const NARROW = 560;
const HEAD = 96;

export function laidOut(rows: readonly Row[], width: number): Plan {
  const narrow = width < NARROW;
  const room = Math.max(width - NAME - NORMS - 3 * GAP, 160);
  const kernels = narrow ? width : Math.round(room * 0.48);
  const maps = narrow ? width : room - kernels;
  let y = 0;
  const placed = rows.map((row): LaidOut => {
    const [weights, seen] = [kernelsOf(row, kernels), mapsOf(row, maps)];
    const top = y + TOP;
    const below = top + HEAD + weights.height + (weights.height ? BELOW : 0);
    const height = narrow
      ? below - y + seen.height + BELOW
      : Math.max(weights.height, seen.height, LEAST - BELOW) + TOP + BELOW;
    const one = { row, y, height };
    y += height;
    return narrow
      ? { ...one, kernels: moved(weights, 0, top + HEAD), maps: moved(seen, 0, below) }
      : { ...one, kernels: moved(weights, NAME + GAP, top), maps: moved(seen, NAME + 2 * GAP + kernels, top) };
  });
  return { rows: placed, narrow, kernels, maps, height: y };
}
