/** Which way a line takes from one column to another: straight between neighbours, else through a free lane. */

import type { Column, Layout } from "./layout";

/** A line to be drawn. `from` is null for the picture; `lane` is the height at which it runs past other columns. */
export interface Route {
  from: Column | null;
  to: Column;
  lane: number | null;
}

/** Ways around columns run below the tiles; more than there is room for share the last. */
const MOST_LANES = 4;
const LANE = 7;
const FIRST = 18;

/** All lines of a layout, by the items' inputs. */
export function routesOf(layout: Layout): Route[] {
  const byId = new Map(layout.columns.map((column) => [column.item.id, column]));
  const taken = new Set(layout.columns.map(({ item }) => `${item.column} ${item.lane}`));
  const below = new Lanes(layout.bottom + FIRST);
  return layout.columns.flatMap((to) =>
    to.item.inputs.map((id): Route => {
      const from = byId.get(id) ?? null;
      if (from === null || neighbours(from, to)) return { from, to, lane: null };
      return { from, to, lane: ownLane(from, to, taken) ?? below.take(from, to) };
    }),
  );
}

const neighbours = (from: Column, to: Column): boolean => to.item.column <= from.item.column + 1;

/** The height of the lane in which a path stands, where nothing stands in it before the path is read. */
function ownLane(from: Column, to: Column, taken: ReadonlySet<string>): number | null {
  for (let column = from.item.column + 1; column < to.item.column; column += 1) {
    if (taken.has(`${column} ${from.item.lane}`)) return null;
  }
  return from.item.lane === 0 ? null : from.frame.y + from.frame.height / 2;
}

/** Two ways that overlap run in different lanes; those of one source in the same. */
class Lanes {
  private readonly ends: number[] = [];
  private readonly sources: (Column | null)[] = [];

  constructor(private readonly y: number) {}

  take(from: Column, to: Column): number {
    let lane = this.ends.findIndex((taken, index) => taken < from.x || this.sources[index] === from);
    if (lane < 0) lane = Math.min(this.ends.length, MOST_LANES - 1);
    this.ends[lane] = Math.max(this.ends[lane] ?? 0, to.x);
    this.sources[lane] = from;
    return this.y + lane * LANE;
  }
}

/** The routes of which any part is in sight. */
export function inSight(routes: readonly Route[], from: number, to: number): Route[] {
  return routes.filter((route) => (route.from?.x ?? 0) < to && route.to.x + route.to.width > from);
}
