/** The small picture of the whole network: a bar for each layer, as high as its maps have rows, by the logarithm. */

import type { Layout } from "./layout";
import type { Part } from "./parts";

/** Height of the bars' box, in CSS pixels. */
export const HEIGHT = 28;
const LEAST = 2;

/** One path of all bars, in the layout's own lengths across. */
export function bars({ columns, columnPitch }: Layout): string {
  const sides = columns.map(({ item }) => item.node.shape[1] ?? 1);
  const highest = Math.log2(Math.max(2, ...sides) + 1);
  const width = columnPitch * 0.7;
  return columns
    .map(({ item, header }, index) => {
      const lanes = Math.max(item.lanes.length, 1);
      const height = Math.max((Math.log2((sides[index] ?? 1) + 1) / highest) * (HEIGHT / lanes - 1), LEAST);
      const bottom = HEIGHT - (HEIGHT / lanes) * (lanes - 1 - item.lane);
      return `M${(header.x - width / 2).toFixed(1)} ${bottom.toFixed(1)}h${width.toFixed(1)}v${(-height).toFixed(1)}h${(-width).toFixed(1)}z`;
    })
    .join("");
}

/** The width of a character of the names, and of the gap after one. */
const CHARACTER = 7.2;
const GAP = 8;

export interface Name {
  id: string;
  label: string;
  /** The digit that jumps there; of the first nine. */
  digit: number | null;
  left: number;
}

/** The names that have room in a line, each where its part begins: of wide parts first, so that open blocks have theirs. */
export function named(parts: readonly Part[], scale: number, width: number): Name[] {
  const placed: (Name & { right: number })[] = [];
  const numbered = parts.map((part, index) => ({ ...part, digit: index < 9 ? index + 1 : null }));
  for (const { id, label, digit, from } of numbered.sort((one, other) => other.to - other.from - (one.to - one.from))) {
    const length = (label.length + (digit ? 2 : 0)) * CHARACTER + GAP;
    const left = Math.max(0, Math.min(from * scale, width - length));
    const free = placed.every((other) => left + length <= other.left || left >= other.right);
    if (free) placed.push({ id, label, digit, left, right: left + length });
  }
  return placed.map(({ id, label, digit, left }) => ({ id, label, digit, left }));
}
