/**
 * Where everything stands: columns of items from the input to the classes, tiles in each column.
 *
 * Pure: the same items in the same window give the same layout, before any value has arrived. All lengths are CSS pixels.
 */

import type { Item } from "./fold";
import { drawnSide } from "./reduce";

export interface Window {
  width: number;
  height: number;
  zoom: number;
}

/** The tiles of one item. Tile `i` is at `top + i · pitch`. */
export interface Column {
  item: Item;
  /** Left edge and side of its tiles. */
  x: number;
  top: number;
  tile: number;
  pitch: number;
  /** How many tiles are drawn, and how many units are not. */
  tiles: number;
  more: number;
  /** Its name's place: the middle of the tiles, and the upper edge. */
  header: { x: number; y: number };
  /** What holds its name and tiles, for a frame around them. */
  frame: { x: number; y: number; width: number; height: number };
  /** Whether its name stands among tiles, because another item is above it in the same column. */
  below: boolean;
}

/** An open block: a bracket over its columns. */
export interface Bracket {
  id: string;
  x: number;
  y: number;
  width: number;
}

export interface Layout {
  width: number;
  height: number;
  /** The picture at the left: a square. */
  input: { x: number; y: number; side: number };
  columns: Column[];
  brackets: Bracket[];
  /** The classes at the right. */
  classes: { x: number; y: number; height: number; width: number };
  /** Upper and lower edge of the tiles; ways around columns run below. */
  top: number;
  bottom: number;
  /** From one column to the next. */
  columnPitch: number;
  /** Names are written aslant, and shapes left out, where they would not fit side by side. */
  aslant: boolean;
  shapes: boolean;
}

/** A strip holds as many units as this, of at most so many pixels a side. */
export const MOST_TILES = 16;
export const STRIP_SIDE = 64;

const HEADER = 48;
const HEADER_NAMES = 32;
const HEADER_ASLANT_MOST = 110;
const BRACKET = 22;
const LANES = 42;
const MARGIN = 24;
/** Rows come as close as this where all units of the widest layer then fit; else as far apart as can be seen well. */
const LEAST_PITCH = 41;
const WIDE_PITCH = 68;
/** Columns further apart than this lose sight of each other. */
const MOST_PITCH = 132;
const TILE_GAP = 9;
const NAME_BELOW = 24;
/** Widths of a character of a name and of a shape, and the sine of the slant. */
const CHARACTER = 7.6;
const SHAPE_CHARACTER = 6.9;
const SLANT = 0.58;
/** What stands beside the columns takes less room in a smaller window. */
const SPACIOUS = { classesWidth: 168, classesGap: 36, inputGap: 48, leastPitch: 62 };
const DENSE = { classesWidth: 138, classesGap: 22, inputGap: 36, leastPitch: 50 };
const SPACIOUS_WIDTH = 1100;

const isMap = (item: Item): boolean => item.node.shape.length === 3 && (item.node.shape[1] ?? 1) > 1;

/** Rows of tiles: as many as the widest layer of maps has units, or else as many as fit well. */
function rowsFor(items: readonly Item[], height: number): number {
  const widest = Math.max(1, ...items.filter(isMap).map(({ node }) => node.shape[0] ?? 1));
  if (widest <= MOST_TILES && height / widest >= LEAST_PITCH) return widest;
  return Math.max(1, Math.min(widest, MOST_TILES, Math.floor(height / WIDE_PITCH)));
}

const shapeText = ({ node }: Item): string => node.shape.join(" × ");
const nameText = ({ label, block }: Item): string => (block ? `▸ ${label}` : label);

/** Whether texts that are centred in columns of this width stay apart from their neighbours. */
function sideBySide(texts: readonly string[], character: number, width: number): boolean {
  return texts.every((text, index) => ((text.length + (texts[index + 1]?.length ?? 0)) / 2) * character + 10 < width);
}

function headerHeight(names: readonly string[], aslant: boolean, shapes: boolean): number {
  if (!aslant) return shapes ? HEADER : HEADER_NAMES;
  return Math.min(24 + Math.max(...names.map((name) => name.length)) * CHARACTER * SLANT, HEADER_ASLANT_MOST);
}

export function layout(items: readonly Item[], window: Window): Layout {
  const drawn = items.filter(({ inputs }) => inputs.length > 0);
  const depth = Math.max(0, ...drawn.map(({ within }) => within.length));
  const columnCount = new Set(drawn.map(({ column }) => column)).size || 1;
  const narrow = window.width < 640;
  const { classesWidth, classesGap, inputGap, leastPitch } = window.width < SPACIOUS_WIDTH ? DENSE : SPACIOUS;

  const side = Math.round(
    (narrow ? 96 : Math.min(Math.max(window.width * 0.13, 110), 220)) * Math.min(window.zoom, 1.5),
  );
  const fixed = MARGIN * 2 + side + inputGap + classesGap + classesWidth;
  const room = (window.width - fixed) / columnCount;
  // What has to be scrolled anyway is not squeezed.
  const pitched = room < leastPitch ? SPACIOUS.leastPitch : Math.min(room, MOST_PITCH);
  const columnPitch = Math.floor(pitched * window.zoom);

  const names = drawn.map(nameText);
  const aslant = !sideBySide(names, CHARACTER, columnPitch);
  const shapes = !aslant && sideBySide(drawn.map(shapeText), SHAPE_CHARACTER, columnPitch);
  const top = Math.round(depth * BRACKET + headerHeight(names, aslant, shapes));
  const rows = rowsFor(drawn, window.height - top - LANES);
  const pitch = Math.max((window.height - top - LANES) / rows, LEAST_PITCH) * window.zoom;
  const tile = bestTile(drawn, Math.floor(Math.min(pitch - TILE_GAP, columnPitch - 12)));
  const bottom = top + pitch * rows;

  const x0 = MARGIN + side + inputGap;
  const order = [...new Set(drawn.map(({ column }) => column))].sort((a, b) => a - b);
  const columns = order.flatMap((column, index) => {
    const stacked = drawn.filter((item) => item.column === column);
    const x = x0 + index * columnPitch + Math.floor((columnPitch - tile) / 2);
    return stack(stacked, { x, top, bottom, tile, pitch, headerY: depth * BRACKET });
  });
  const end = x0 + order.length * columnPitch;
  return {
    width: Math.max(end + classesGap + classesWidth + MARGIN, window.width),
    height: bottom + LANES,
    input: { x: MARGIN, y: Math.round((top + bottom - side) / 2), side },
    columns,
    brackets: brackets(columns, columnPitch, tile),
    classes: { x: end + classesGap, y: top, height: bottom - top, width: classesWidth },
    top,
    bottom,
    columnPitch,
    aslant,
    shapes,
  };
}

/** The box, not much smaller than the largest, in which most maps are whole multiples of their pixels and nearly fill it. */
function bestTile(items: readonly Item[], largest: number): number {
  const sides = items.filter(isMap).map(({ node }) => stripSide(Math.max(node.shape[1] ?? 1, node.shape[2] ?? 1)));
  const fill = (side: number, box: number): number =>
    drawnSide(side, box) === box && box % side ? 0.5 : drawnSide(side, box) / box;
  let [best, most] = [largest, 0];
  for (let box = largest; box >= largest * 0.8; box -= 1) {
    const score = sides.reduce((sum, side) => sum + fill(side, box), 0);
    if (score > most + 1e-9) [best, most] = [box, score];
  }
  return best;
}

/** The side of a map in a strip, which holds at most 64 pixels a side. */
const stripSide = (side: number): number => Math.ceil(side / Math.ceil(side / STRIP_SIDE));

interface Frame {
  x: number;
  top: number;
  bottom: number;
  tile: number;
  pitch: number;
  headerY: number;
}

/** The items of one column share its height; each but the first carries its name above its own tiles. */
function stack(items: readonly Item[], { x, top, bottom, tile, pitch, headerY }: Frame): Column[] {
  const share = (bottom - top) / items.length;
  return items.map((item, index) => {
    const units = item.node.shape[0] ?? 1;
    const below = index > 0;
    const start = top + share * index + (below ? NAME_BELOW : 0);
    const end = top + share * (index + 1);
    const own = isMap(item) ? tile : Math.min(tile, 22);
    const room = Math.max(1, Math.floor((end - start + TILE_GAP) / pitch));
    const tiles = Math.min(units, room, MOST_TILES);
    const spare = Math.max(end - start - tiles * pitch, 0);
    const upper = below ? start - NAME_BELOW : headerY;
    return {
      item,
      x: x + Math.floor((tile - own) / 2),
      top: Math.round(start + spare / 2 + (pitch - own - TILE_GAP) / 2),
      tile: own,
      pitch,
      tiles,
      more: units - tiles,
      header: { x: x + tile / 2, y: upper },
      frame: { x: x - 6, y: start - 4, width: tile + 12, height: end - start + (index === items.length - 1 ? 14 : 2) },
      below,
    };
  });
}

/** A name in few characters: its beginning, and the end that tells it from its neighbours. */
export function abbreviated(name: string, width: number): string {
  const most = Math.max(Math.floor((width - 12) / CHARACTER), 5);
  return name.length <= most ? name : `${name.slice(0, most - 3)}…${name.slice(-2)}`;
}

/** The brackets of open blocks, the outermost on top. */
function brackets(columns: readonly Column[], columnPitch: number, tile: number): Bracket[] {
  const ids = [...new Set(columns.flatMap(({ item }) => item.within))];
  return ids.map((id) => {
    const inside = columns.filter(({ item }) => item.within.includes(id));
    const middles = inside.map(({ header }) => header.x);
    const half = Math.max(tile, columnPitch - 10) / 2;
    const depth = inside[0]?.item.within.indexOf(id) ?? 0;
    const x = Math.min(...middles) - half;
    return { id, x, y: depth * BRACKET, width: Math.max(...middles) + half - x };
  });
}

/**
 * The units that a column's tiles show: all of them as they are numbered where they fit, so that rows run through the
 * layers; else the strongest. Before the strengths are known, which they are is open: null.
 */
export function unitsShown(column: Column, order: readonly number[] | undefined): (number | null)[] {
  if (column.more === 0) return Array.from({ length: column.tiles }, (_, unit) => unit);
  return Array.from({ length: column.tiles }, (_, index) => order?.[index] ?? null);
}

/** The middle of a tile's edge. */
export function tileEdge(column: Column, index: number, side: "left" | "right"): [x: number, y: number] {
  return [column.x + (side === "right" ? column.tile : 0), column.top + index * column.pitch + column.tile / 2];
}
