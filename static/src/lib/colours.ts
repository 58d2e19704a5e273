/**
 * Values to colours. A table holds the colours of a kind from its smallest value to its largest; the tables are made by
 * colours/make.mjs. A map arrives as bytes with its own range; `byteColours` says what each byte looks like under the
 * range that is shown, so that another range costs 256 look-ups and nothing is asked again.
 */

import tables from "./colours.json";
import { diverges, valueOfByte } from "./frame";
import type { Kind, Pair } from "./types";

export type Theme = "light" | "dark";
export type TableKind = keyof (typeof tables)["light"];

/** Entries of a sampled table; odd, so that zero has an entry of its own in the middle of diverging ones. */
export const ENTRIES = 255;

type Colour = readonly [red: number, green: number, blue: number];

const parse = (hex: string): Colour => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)) as never;

const sampled = new Map<string, Uint8Array>();

/** A kind's table as red, green, blue, 255 entries from its smallest value to its largest. */
export function colourTable(kind: TableKind, theme: Theme): Uint8Array {
  const key = `${theme} ${kind}`;
  let table = sampled.get(key);
  if (!table) {
    table = sample(tables[theme][kind].map(parse));
    sampled.set(key, table);
  }
  return table;
}

function sample(anchors: readonly Colour[]): Uint8Array {
  const table = new Uint8Array(ENTRIES * 3);
  for (let entry = 0; entry < ENTRIES; entry += 1) {
    const position = (entry / (ENTRIES - 1)) * (anchors.length - 1);
    const before = Math.min(Math.floor(position), anchors.length - 2);
    const share = position - before;
    for (let channel = 0; channel < 3; channel += 1) {
      const [a, b] = [anchors[before]?.[channel] ?? 0, anchors[before + 1]?.[channel] ?? 0];
      table[entry * 3 + channel] = Math.round(a + (b - a) * share);
    }
  }
  return table;
}

/** What is not finite: neither theme's tables hold this colour. */
export const NOT_FINITE: Record<Theme, Colour> = { light: [214, 0, 147], dark: [255, 84, 198] };

/**
 * The range that a kind is drawn in, where its values lie in this one: around zero, or from zero on. The value largest in
 * size ends it on every side, so that one colour means one value for either kind.
 */
export function shownRange(kind: Kind, [low, high]: Pair): Pair {
  if (kind === "picture") return [0, 1];
  const largest = Math.max(Math.abs(low), Math.abs(high));
  return diverges(kind) ? [-largest, largest] : [0, largest];
}

/** Where a value lies in a range, 0…1. A range without width shows its lower end, or zero where it diverges. */
export function position(value: number, kind: Kind, shown: Pair): number {
  const low = shown[0];
  const high = shown[1];
  if (high <= low) return diverges(kind) ? 0.5 : 0;
  return Math.min(Math.max((value - low) / (high - low), 0), 1);
}

const pixelTables = new Map<string, Uint32Array>();

/** A kind's table as pixels, each one word whose bytes are red, green, blue, alpha; what is not finite stands at its end. */
function pixelTable(kind: TableKind, theme: Theme): Uint32Array {
  const key = `${theme} ${kind}`;
  let table = pixelTables.get(key);
  if (!table) {
    const colours = [...colourTable(kind, theme), ...NOT_FINITE[theme]];
    const bytes = new Uint8Array((ENTRIES + 1) * 4).fill(255);
    for (let entry = 0; entry <= ENTRIES; entry += 1) bytes.set(colours.slice(entry * 3, entry * 3 + 3), entry * 4);
    table = new Uint32Array(bytes.buffer);
    pixelTables.set(key, table);
  }
  return table;
}

/**
 * Colours of the 256 bytes of a map that means `own` by them, when `shown` is shown: each a word whose bytes are red,
 * green, blue, alpha. There are many maps: one look-up for each byte is all that they may cost.
 */
export function byteColours(kind: Exclude<Kind, "picture">, theme: Theme, own: Pair, shown: Pair): Uint32Array {
  const table = pixelTable(kind, theme);
  const low = own[0];
  const high = own[1];
  const colours = new Uint32Array(256);
  colours[0] = table[ENTRIES] as number;
  for (let byte = 1; byte < 256; byte += 1) {
    const entry = Math.round(position(valueOfByte(byte, low, high), kind, shown) * (ENTRIES - 1));
    colours[byte] = table[entry] as number;
  }
  return colours;
}

/** The colour of one value, as CSS has it. */
export function colourOf(value: number, kind: Exclude<Kind, "picture">, theme: Theme, shown: Pair): string {
  if (!Number.isFinite(value)) return `rgb(${NOT_FINITE[theme].join(" ")})`;
  const entry = Math.round(position(value, kind, shown) * (ENTRIES - 1)) * 3;
  return `rgb(${colourTable(kind, theme)
    .slice(entry, entry + 3)
    .join(" ")})`;
}
