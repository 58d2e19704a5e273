/** The parts of a network at the outermost level: what digits jump to, and what the minimap names. */

import type { Column, Layout } from "./layout";

export interface Part {
  id: string;
  label: string;
  /** The first column of it, and where all of it stands. */
  column: Column;
  from: number;
  to: number;
}

/** Blocks, open or folded, and layers that stand in none. A block that is nearly all of the network counts by its own parts. */
export function parts({ columns, columnPitch }: Layout): Part[] {
  const depth = columns.length > 0 && new Set(columns.map((column) => topOf(column, 0))).size < 4 ? 1 : 0;
  const found = new Map<string, Part>();
  for (const column of columns) {
    const id = topOf(column, depth);
    const [from, to] = [column.header.x - columnPitch / 2, column.header.x + columnPitch / 2];
    const known = found.get(id);
    if (!known) found.set(id, { id, label: labelOf(column, depth), column, from, to });
    else [known.from, known.to] = [Math.min(known.from, from), Math.max(known.to, to)];
  }
  return [...found.values()];
}

const topOf = ({ item }: Column, depth: number): string => item.within[depth] ?? item.id;

/** An open block by the last part of its name. */
function labelOf({ item }: Column, depth: number): string {
  const block = item.within[depth];
  return block === undefined || block.endsWith(":") ? item.label : (block.split(".").at(-1) ?? block);
}
