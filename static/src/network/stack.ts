/** The tiles of one item in its column: how many, how large, and where. */

import { BRACKET } from "./brackets";
import type { Item } from "./fold";
import type { Column } from "./layout";
import { wrapped } from "./names";
import { drawnSide } from "./reduce";

/** A strip holds as many units as this, of at most so many pixels a side. */
export const MOST_TILES = 16;
export const STRIP_SIDE = 64;
export const TILE_GAP = 9;
const COLUMN_GAP = 10;
/** How much smaller than fits tiles may be so that most are whole multiples, and what one that is not counts. */
const SMALLEST_SHARE = 0.6;
const NOT_WHOLE = 0.4;
/** The widest distance between rows, in widths of a column. */
const FARTHEST = 1.25;
/** The side of a cell beside a class. */
export const ANSWER_CELL = 18;

/** Rows come as close as this where all units of the widest layer then fit. */
const LEAST_PITCH = 41;
const LEAST_TILE = 36;
/** Cells of single values: as low as this where all of a layer then fit, else as high as can well be pointed at. */
const LEAST_CELL = 6;
const CELL = 12;
const CELL_WIDTH = 28;
const NAME_BELOW = 10;
const NAME_LINE = 15;
const FOOT = 20;
/** At least so many rows of a wide layer are shown. */
const LEAST_ROWS = 6;

/** Rows of tiles that run through all layers, and the height that they need. */
export interface Rows {
  pitch: number;
  tile: number;
  /** Whether all units of every layer of maps have a row. */
  all: boolean;
  height: number;
}

/** Where a column stands. */
export interface Space {
  middle: number;
  top: number;
  bottom: number;
  columnPitch: number;
  headerY: number;
}

export const isMap = ({ node }: Item): boolean =>
  node.shape.length === 3 && (node.shape[1] ?? 1) * (node.shape[2] ?? 1) > 1;

/** The side of a map in a strip, which holds at most 64 pixels a side. */
function stripSide({ node }: Item): number {
  const side = Math.max(node.shape[1] ?? 1, node.shape[2] ?? 1);
  return Math.ceil(side / Math.ceil(side / STRIP_SIDE));
}

/** As large as fits: a whole multiple of the map's pixels, unless that wasted too much of the room. */
function wholeSide(pixels: number, room: number): number {
  const multiple = Math.floor(room / pixels) * pixels;
  return multiple >= room * SMALLEST_SHARE ? multiple : room;
}

/** Rows as far apart as the widest layer of maps needs, or else as tiles of a column's width are high. */
export function rowsFor(items: readonly Item[], columnPitch: number, height: number, zoom: number): Rows {
  const widest = Math.max(1, ...items.filter(isMap).map(({ node }) => node.shape[0] ?? 1));
  if (widest <= MOST_TILES && height / widest >= LEAST_PITCH * zoom)
    return { pitch: height / widest, tile: columnPitch - COLUMN_GAP, all: true, height };
  const largest = Math.min(columnPitch - COLUMN_GAP, height / LEAST_ROWS - TILE_GAP);
  const tile = commonTile(items, Math.floor(Math.max(largest, LEAST_TILE * zoom)));
  const rows = Math.max(1, Math.min(widest, MOST_TILES, Math.floor((height + TILE_GAP) / (tile + TILE_GAP))));
  const pitch = Math.max(height / rows, tile + TILE_GAP);
  return { pitch, tile, all: false, height: pitch * rows - TILE_GAP };
}

/** The box, at most this large, in which most maps are whole multiples of their pixels and nearly fill it. */
function commonTile(items: readonly Item[], largest: number): number {
  const counts = new Map<number, number>();
  for (const side of items.filter(isMap).map(stripSide)) counts.set(side, (counts.get(side) ?? 0) + 1);
  let [best, most] = [largest, 0];
  for (let box = largest; box >= largest * SMALLEST_SHARE; box -= 1) {
    let filled = 0;
    for (const [side, count] of counts) {
      const drawn = drawnSide(side, box);
      filled += count * (drawn % side === 0 ? drawn / box : NOT_WHOLE);
    }
    const score = filled * box;
    if (score > most + 1e-9) [best, most] = [box, score];
  }
  return best;
}

/** One item's tiles. Each but the first of a column carries its name above its own tiles. */
export function stack(item: Item, space: Space, rows: Rows): Column {
  const { from, to } = extent(item, space);
  const below = item.lane > 0;
  const lines = wrapped(item.label, space.columnPitch)?.length ?? 1;
  const brackets = item.below.length * BRACKET;
  const start = from + (below ? brackets + NAME_BELOW + NAME_LINE * lines : 0);
  // Between lanes the count of the units that are not drawn needs a line of its own.
  const height = to - start - (to === space.bottom ? 0 : FOOT);
  const shown = isMap(item) ? maps(item, height, space.columnPitch, rows) : cells(item, height, space.columnPitch);
  const spare = Math.max(height - shown.tiles * shown.pitch, 0);
  const half = Math.max(shown.width, Math.min(space.columnPitch - COLUMN_GAP, CELL_WIDTH)) / 2;
  return {
    item,
    ...shown,
    x: Math.round(space.middle - shown.width / 2),
    top: Math.round(start + spare / 2 + (shown.pitch - shown.height) / 2),
    more: (item.node.shape[0] ?? 1) - shown.tiles,
    header: { x: space.middle, y: below ? from + brackets : space.headerY },
    frame: {
      x: space.middle - half - 6,
      y: start - 4,
      width: 2 * half + 12,
      height: height + FOOT,
    },
    below,
  };
}

/** The part of the height that an item's lane has; lanes with more layers have more, by the square root. */
function extent({ lane, lanes }: Item, { top, bottom }: Space): { from: number; to: number } {
  const shares = lanes.map((count) => Math.sqrt(Math.max(count, 1)));
  const whole = shares.reduce((sum, share) => sum + share, 0);
  const before = shares.slice(0, lane).reduce((sum, share) => sum + share, 0);
  const at = (share: number): number => top + ((bottom - top) * share) / whole;
  return { from: at(before), to: lane === lanes.length - 1 ? bottom : at(before + (shares[lane] ?? 1)) };
}

type Shown = Pick<Column, "width" | "height" | "pitch" | "tiles">;

function maps(item: Item, height: number, columnPitch: number, rows: Rows): Shown {
  const units = item.node.shape[0] ?? 1;
  // Few units have room to be larger than the rows of the others.
  const pitch = rows.all ? Math.min(height / units, columnPitch * FARTHEST) : rows.pitch;
  const side = wholeSide(stripSide(item), Math.floor(Math.min(pitch - TILE_GAP, rows.tile, height)));
  const tiles = Math.max(1, Math.min(units, MOST_TILES, Math.floor((height + TILE_GAP) / pitch)));
  return { width: side, height: side, pitch, tiles };
}

function cells(item: Item, height: number, columnPitch: number): Shown {
  const units = item.node.shape[0] ?? 1;
  const all = height / units >= LEAST_CELL;
  const tiles = all ? units : Math.max(1, Math.floor(height / CELL));
  const pitch = Math.min(height / tiles, 2 * CELL);
  return { width: Math.min(CELL_WIDTH, columnPitch - COLUMN_GAP), height: Math.max(pitch - 1, 1), pitch, tiles };
}
