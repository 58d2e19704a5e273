/** Keeping one's place: what stood at a point of the window stands there again in another layout. */

import { stands } from "./fold";
import type { Column, Layout } from "./layout";

/** A point of the window, in CSS pixels from the strip's corner. */
export interface Point {
  x: number;
  y: number;
}

/** What stands at a point. */
export interface Anchor {
  point: Point;
  /** The nearest column; null left and right of all of them. */
  column: Column | null;
  /** From its middle, in distances between columns; else from the nearest end of the columns, in pixels. */
  across: number;
  /** From the upper edge of the tiles, in heights of them. */
  down: number;
}

const first = ({ columns, columnPitch }: Layout): number => (columns[0]?.header.x ?? 0) - columnPitch / 2;

export function anchorAt(plan: Layout, left: number, top: number, point: Point): Anchor {
  const [x, y] = [left + point.x, top + point.y];
  const down = (y - plan.top) / (plan.bottom - plan.top);
  const ends = first(plan);
  if (x < ends) return { point, column: null, across: x - ends, down };
  if (x > plan.classes.x) return { point, column: null, across: x - plan.classes.x, down };
  const near = (column: Column): number => Math.abs(column.header.x - x);
  const column = plan.columns.reduce<Column | null>(
    (best, other) => (best && near(best) <= near(other) ? best : other),
    null,
  );
  return { point, column, across: column ? (x - column.header.x) / plan.columnPitch : 0, down };
}

/** How far to scroll so that what was at the point is there again. */
export function scrollFor(plan: Layout, { point, column, across, down }: Anchor): { left: number; top: number } {
  const same = column && successor(plan, column);
  const ends = across < 0 ? first(plan) : plan.classes.x;
  const x = same ? same.header.x + across * plan.columnPitch : ends + across;
  return { left: x - point.x, top: plan.top + down * (plan.bottom - plan.top) - point.y };
}

/** What stands for a column after blocks were opened or folded: itself, the first inside, or the block around it. */
export function successor({ columns }: Layout, { item }: Column): Column | undefined {
  return (
    columns.find((other) => other.item.id === item.id) ??
    columns.find((other) => other.item.within.includes(item.id)) ??
    columns.find((other) => stands(other.item, item.node.name))
  );
}
