/** Lines between layers: thin ones between neighbours, quiet ways around columns, and one unit's own. */

import type { Node } from "../lib/types";
import { tileEdge, type Column, type Layout } from "./layout";
import { drawnReadings, type Reading } from "./record";
import type { Route } from "./routes";

/** A column with the units that its tiles show. */
export interface Drawn {
  column: Column;
  units: readonly (number | null)[];
}

export interface Link {
  from: string;
  to: string;
  path: string;
  /** It goes around other columns: a skip connection. */
  skip: boolean;
}

/** More lines than this between two columns are gathered halfway. */
const MOST_LINES = 260;

type Point = readonly [x: number, y: number];
const round = (value: number): string => value.toFixed(1);

/** A curve that leaves and arrives level. */
export function curve([x0, y0]: Point, [x1, y1]: Point): string {
  const bend = (x1 - x0) * 0.55;
  return `M${round(x0)} ${round(y0)}C${round(x0 + bend)} ${round(y0)} ${round(x1 - bend)} ${round(y1)} ${round(x1)} ${round(y1)}`;
}

/** A way down into a lane, along it and up again, with round corners. */
export function around([x0, y0]: Point, [x1, y1]: Point, lane: number): string {
  const [down, up] = [Math.sign(lane - y0) || 1, Math.sign(y1 - lane) || -1];
  const r = Math.min(6, Math.abs(lane - y0) / 2, Math.abs(lane - y1) / 2);
  return (
    `M${round(x0)} ${round(y0)}h2q${r} 0 ${r} ${round(down * r)}V${round(lane - down * r)}q0 ${round(down * r)} ${r} ${round(down * r)}` +
    `H${round(x1 - 2 * r - 2)}q${r} 0 ${r} ${round(up * r)}V${round(y1 - up * r)}q0 ${round(up * r)} ${r} ${round(up * r)}H${round(x1)}`
  );
}

const middle = (column: Column, side: "left" | "right"): Point => tileEdge(column, (column.tiles - 1) / 2, side);

/** The middle of the right edge of the picture. */
export const pictureEdge = ({ input }: Layout): Point => [input.x + input.side + 4, input.y + input.side / 2];

/** What is drawn, and how its units are found. */
export interface Scope {
  layout: Layout;
  /** By id, those in sight. */
  drawn: ReadonlyMap<string, Drawn>;
  nodes: ReadonlyMap<string, Node>;
  /** The nodes that have a column, in sight or not. */
  shown: ReadonlySet<string>;
}

/** All thin lines of these routes: one path for each. */
export function links(routes: readonly Route[], scope: Scope): Link[] {
  return routes.map((route) => {
    const skip = route.lane !== null;
    return { from: route.from?.item.id ?? "", to: route.to.item.id, path: pathOf(route, scope), skip };
  });
}

function pathOf({ from, to, lane }: Route, scope: Scope): string {
  if (from === null) return fromPicture(scope.layout, to);
  if (lane !== null) return around(skipStart(from, lane), skipEnd(to, lane), lane);
  const [before, after] = [scope.drawn.get(from.item.id), scope.drawn.get(to.item.id)];
  // A folded block doesn't say which of its units read what: one line.
  if (!before || !after || to.item.block) return curve(middle(from, "right"), middle(to, "left"));
  return between(before, after, scope);
}

/** From the values of a folded block to the classes that they are: `rows` are the numbers of the classes listed. */
export function classLines({ column, units }: Drawn, rows: readonly number[], { classes }: Layout): string {
  const pitch = classes.height / Math.max(rows.length, 1);
  return rows
    .map((unit, row) => ({ index: units.indexOf(unit), row }))
    .filter(({ index }) => index >= 0)
    .map(({ index, row }) => curve(tileEdge(column, index, "right"), [classes.x - 4, classes.y + (row + 0.5) * pitch]))
    .join("");
}

const skipStart = (column: Column, lane: number): Point =>
  tileEdge(column, lane > column.top ? column.tiles - 1 : 0, "right");
const skipEnd = (column: Column, lane: number): Point =>
  tileEdge(column, lane > column.top ? column.tiles - 1 : 0, "left");

/** From the picture to each tile of a column that reads it. */
function fromPicture(layout: Layout, column: Column): string {
  const ends = Array.from({ length: column.tiles }, (_, index) => tileEdge(column, index, "left"));
  return ends.map((end) => curve(pictureEdge(layout), end)).join("");
}

/** The lines between neighbours as they were, while these show the same units. */
const known = new WeakMap<Drawn, WeakMap<Drawn, string>>();

function between(from: Drawn, to: Drawn, scope: Scope): string {
  const paths = known.get(from) ?? new WeakMap<Drawn, string>();
  const path = paths.get(to) ?? pathBetween(from, to, scope);
  known.set(from, paths.set(to, path));
  return path;
}

/** Between neighbours: from each unit to those that read it; gathered halfway where that were too many to be seen. */
function pathBetween(from: Drawn, to: Drawn, scope: Scope): string {
  const sources = to.units.map((unit) => (unit === null ? [] : shownOf(readingsOf(to.column, unit, scope), from)));
  const start = (at: number): Point => tileEdge(from.column, at, "right");
  const end = (index: number): Point => tileEdge(to.column, index, "left");
  if (sources.reduce((count, { length }) => count + length, 0) <= MOST_LINES)
    return sources.flatMap((read, index) => read.map((at) => curve(start(at), end(index)))).join("");
  const [one, other] = [middle(from.column, "right"), middle(to.column, "left")];
  const waist = [(one[0] + other[0]) / 2, (one[1] + other[1]) / 2] as const;
  const starts = new Set(sources.flat());
  return [
    ...[...starts].map((at) => curve(start(at), waist)),
    ...sources.flatMap((read, index) => (read.length ? [curve(waist, end(index))] : [])),
  ].join("");
}

const readingsOf = ({ item }: Column, unit: number, { nodes, shown }: Scope): Reading[] =>
  drawnReadings(item.node, unit, nodes, (name) => shown.has(name));

/** Which tiles of a column show a unit that is read. */
function shownOf(readings: readonly Reading[], { column, units }: Drawn): number[] {
  const read = readings.filter(({ node }) => node.name === column.item.node.name);
  if (read.length === 0) return [];
  const all = read.some((reading) => reading.units === null);
  const shown: number[] = [];
  units.forEach((unit, index) => {
    if (unit !== null && (all || read.some((reading) => reading.units?.includes(unit)))) shown.push(index);
  });
  return shown;
}

/** One unit's own lines: from every drawn unit that it reads, along the routes. */
export function ownLines(drawn: Drawn, unit: number, routes: readonly Route[], scope: Scope): string {
  const index = drawn.units.indexOf(unit);
  if (index < 0 || drawn.column.item.block) return "";
  const end = tileEdge(drawn.column, index, "left");
  const readings = readingsOf(drawn.column, unit, scope);
  return routes
    .filter(({ to }) => to === drawn.column)
    .flatMap(({ from, lane }): string[] => {
      if (from === null) return [curve(pictureEdge(scope.layout), end)];
      const source = scope.drawn.get(from.item.id);
      if (!source) return lane === null ? [] : [around(skipStart(from, lane), end, lane)];
      return shownOf(readings, source).map((at) => {
        const start = tileEdge(from, at, "right");
        return lane === null ? curve(start, end) : around(start, end, lane);
      });
    })
    .join("");
}
