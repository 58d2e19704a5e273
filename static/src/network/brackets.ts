/** The brackets over the columns of open blocks. */

import type { Column } from "./layout";

/** An open block: a bracket over its columns. */
export interface Bracket {
  id: string;
  x: number;
  y: number;
  width: number;
}

/** Height of a bracket with its name. */
export const BRACKET = 22;

/** One for each open block that is drawn, the outermost on top. */
export function brackets(columns: readonly Column[], columnPitch: number): Bracket[] {
  const extents = new Map<string, { from: number; to: number; depth: number }>();
  for (const { item, header } of columns) {
    item.within.forEach((id, depth) => {
      const known = extents.get(id) ?? { from: header.x, to: header.x, depth };
      extents.set(id, { depth, from: Math.min(known.from, header.x), to: Math.max(known.to, header.x) });
    });
  }
  const half = (columnPitch - 10) / 2;
  return [...extents].map(([id, { from, to, depth }]) => ({
    id,
    x: from - half,
    y: depth * BRACKET,
    width: to - from + 2 * half,
  }));
}
