/** The brackets over the columns of open blocks. */

import { shortName, type Item } from "./fold";
import type { Column } from "./layout";

/** An open block: a bracket over its columns, above all tiles, or among them where it is one of several paths. */
export interface Bracket {
  id: string;
  /** Its name without that of the bracket around it; none of a run of layers. */
  name: string;
  x: number;
  y: number;
  width: number;
}

/** Height of a bracket with its name. */
export const BRACKET = 22;

/** How many brackets stand over an item above all tiles. */
export const bracketsOnTop = ({ within, below }: Item): number => within.length - below.length;

/** One for each open block that is drawn, the outermost on top. */
export function brackets(columns: readonly Column[], columnPitch: number): Bracket[] {
  const extents = new Map<string, { name: string; from: number; to: number; y: number }>();
  for (const { item, header } of columns) {
    item.within.forEach((id, depth) => {
      const y = item.below.includes(id) ? header.y - (item.within.length - depth) * BRACKET : depth * BRACKET;
      const { from, to, y: highest } = extents.get(id) ?? { from: header.x, to: header.x, y };
      const name = id.endsWith(":") ? "" : shortName(id, item.within.slice(0, depth));
      extents.set(id, { name, from: Math.min(from, header.x), to: Math.max(to, header.x), y: Math.min(highest, y) });
    });
  }
  const half = (columnPitch - 10) / 2;
  return [...extents].map(([id, { name, from, to, y }]) => ({
    id,
    name,
    x: from - half,
    y,
    width: to - from + 2 * half,
  }));
}
