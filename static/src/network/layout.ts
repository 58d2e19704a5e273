/**
 * Where everything stands: columns of items from the input to the classes, tiles in each column.
 *
 * Pure: the same items in the same window give the same layout, before any value has arrived. All lengths are CSS pixels.
 */

import type { Item } from "./fold";
import { brackets, bracketsOnTop, BRACKET, type Bracket } from "./brackets";
import { headings, type Headings } from "./headings";
import { widthFor } from "./names";
import { ANSWER_CELL, rowsFor, stack } from "./stack";

export interface Window {
  width: number;
  height: number;
  zoom: number;
  /** How many classes are listed. */
  classes?: number;
  /** Whether there are blocks, so that a bracket has room before one is open. */
  blocks?: boolean;
}

/** The tiles of one item. Tile `i` is at `top + i · pitch`. */
export interface Column {
  item: Item;
  /** Left edge, and size of each of its tiles. */
  x: number;
  top: number;
  width: number;
  height: number;
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

export interface Layout {
  width: number;
  height: number;
  /** The picture at the left: a square. */
  input: { x: number; y: number; side: number };
  /** In order of computation; the last may be the answer's, beside the classes. */
  columns: Column[];
  /** The column of the logits or probabilities that the classes stand for. */
  answer: Column | null;
  brackets: Bracket[];
  /** The classes at the right. */
  classes: { x: number; y: number; height: number; width: number };
  /** Upper and lower edge of the tiles; ways around columns run below. */
  top: number;
  bottom: number;
  /** From one column to the next. */
  columnPitch: number;
  headings: Headings;
  /** Whether there is more than the window shows, so that a minimap is of use. */
  scrolls: boolean;
}

const LANES = 40;
export const MINIMAP = 46;
const MARGIN = 24;
/** Columns further apart than this lose sight of each other. */
const MOST_PITCH = 168;
/** For a long name columns that scroll are made as wide as this. */
const WIDEST_NAME = 110;
/** What stands beside the columns takes less room in a smaller window. */
interface Spacing {
  classesWidth: number;
  classesGap: number;
  inputGap: number;
  leastPitch: number;
}
const SPACIOUS: Spacing = { classesWidth: 204, classesGap: 36, inputGap: 48, leastPitch: 66 };
const DENSE: Spacing = { classesWidth: 176, classesGap: 22, inputGap: 36, leastPitch: 46 };
const SPACIOUS_WIDTH = 1100;
const NARROW = 640;

export function layout(items: readonly Item[], answer: Item | null, window: Window): Layout {
  const drawn = items.filter((item) => item.inputs.length > 0 && item !== answer);
  const depth = Math.max(window.blocks ? 1 : 0, ...drawn.map(bracketsOnTop));
  const stacks = new Map<number, Item[]>();
  for (const item of drawn) stacks.set(item.column, [...(stacks.get(item.column) ?? []), item]);
  const order = [...stacks.keys()].sort((a, b) => a - b);
  const side = inputSide(window);
  const beside = ({ inputGap, classesGap, classesWidth }: Spacing): number =>
    MARGIN * 2 + side + inputGap + classesGap + classesWidth;
  const roomFor = (spacing: Spacing): number => (window.width - beside(spacing)) / Math.max(order.length, 1);
  const fits = (spacing: Spacing): boolean => roomFor(spacing) >= spacing.leastPitch;
  const spacing = fits(SPACIOUS) || (window.width >= SPACIOUS_WIDTH && !fits(DENSE)) ? SPACIOUS : DENSE;
  const { classesWidth, classesGap, inputGap } = spacing;
  // What has to be scrolled anyway is not squeezed.
  const names = drawn.map(({ label, block }) => (block ? `▸ ${label}` : label));
  const roomy = Math.min(Math.max(widthFor(names, WIDEST_NAME), SPACIOUS.leastPitch), WIDEST_NAME);
  const columnPitch = Math.floor((fits(spacing) ? Math.min(roomFor(spacing), MOST_PITCH) : roomy) * window.zoom);
  const x0 = MARGIN + side + inputGap;
  const end = x0 + order.length * columnPitch;
  const width = Math.max(end + classesGap + classesWidth + MARGIN, window.width);

  const titles = headings(drawn, columnPitch, answer !== null);
  const top = Math.round(depth * BRACKET + titles.height);
  const below = LANES + (width > window.width ? MINIMAP : 0);
  const height = Math.max(window.height - top - below, 120) * window.zoom;
  const rows = rowsFor(drawn, columnPitch, height, window.zoom);
  const bottom = top + Math.max(height, rows.height);

  const space = { top, bottom, columnPitch, headerY: depth * BRACKET };
  const columns = order.flatMap((column, index) => {
    const stacked = (stacks.get(column) ?? []).sort((one, other) => one.lane - other.lane);
    return stacked.map((item) => stack(item, { ...space, middle: x0 + (index + 0.5) * columnPitch }, rows));
  });
  const classes = { x: end + classesGap, y: top, height: bottom - top, width: classesWidth };
  const last = answer && answerColumn(answer, classes, window.classes ?? 10, space.headerY);
  return {
    width,
    height: bottom + below,
    input: { x: MARGIN, y: Math.round((top + bottom - side) / 2), side },
    columns: last ? [...columns, last] : columns,
    answer: last,
    brackets: brackets(columns, columnPitch),
    classes,
    top,
    bottom,
    columnPitch,
    headings: titles,
    scrolls: width > window.width || bottom + below > window.height + 1,
  };
}

function inputSide({ width, zoom }: Window): number {
  const side = width < NARROW ? 96 : Math.min(Math.max(width * 0.13, 110), 220);
  return Math.round(side * Math.min(Math.max(zoom, 0.6), 1.5));
}

/** The answer's values: one cell beside each class that is listed. */
function answerColumn(item: Item, classes: Layout["classes"], rows: number, headerY: number): Column {
  const pitch = classes.height / Math.max(rows, 1);
  const side = Math.min(ANSWER_CELL, pitch - 2);
  const tiles = Math.min(rows, item.node.shape[0] ?? 1);
  return {
    item,
    x: classes.x,
    top: classes.y + (pitch - side) / 2,
    width: side,
    height: side,
    pitch,
    tiles,
    more: (item.node.shape[0] ?? 1) - tiles,
    header: { x: classes.x + side / 2, y: headerY },
    frame: { x: classes.x - 4, y: classes.y, width: side + 8, height: classes.height },
    below: false,
  };
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
  return [column.x + (side === "right" ? column.width : 0), column.top + index * column.pitch + column.height / 2];
}
