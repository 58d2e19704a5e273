/** Lines between layers: thin ones between neighbours, quiet ways around columns, and one unit's own. */

import type { Node } from "../lib/types";
import { passesOn } from "./fold";
import { tileEdge, type Column, type Layout } from "./layout";

/** Columns with the units that their tiles show. */
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

/** Operations whose every unit reads every unit of what they read. */
const MIXES = new Set(["convolution", "transposed_convolution", "linear", "layer_norm", "softmax", "log_softmax"]);
const LANE = 7;

const round = (value: number): string => value.toFixed(1);

/** A curve that leaves and arrives level. */
export function curve([x0, y0]: readonly [number, number], [x1, y1]: readonly [number, number]): string {
  const bend = (x1 - x0) * 0.55;
  return `M${round(x0)} ${round(y0)}C${round(x0 + bend)} ${round(y0)} ${round(x1 - bend)} ${round(y1)} ${round(x1)} ${round(y1)}`;
}

/** Which units of its inputs a unit reads; null for all of them. Inputs that only pass values on are seen through. */
export function sources(
  node: Node,
  unit: number,
  nodes: ReadonlyMap<string, Node>,
): { node: Node; units: number[] | null }[] {
  let before = 0;
  return node.inputs.flatMap((name) => {
    const input = nodes.get(name);
    if (!input) return [];
    const offset = before;
    const width = input.shape[0] ?? 1;
    if (node.operation === "concat") before += width;
    const units = unitsRead(node, unit, input, offset);
    if (units?.length === 0) return [];
    return [{ node: seenThrough(input, nodes), units: flattened(input) ? null : units }];
  });
}

const flattened = (node: Node): boolean => node.operation === "flatten" || node.operation === "reshape";

function seenThrough(node: Node, nodes: ReadonlyMap<string, Node>): Node {
  const input = nodes.get(node.inputs[0] ?? "");
  return passesOn(node) && input ? seenThrough(input, nodes) : node;
}

function unitsRead(node: Node, unit: number, input: Node, offset: number): number[] | null {
  const width = input.shape[0] ?? 1;
  if (node.operation === "concat") return unit >= offset && unit < offset + width ? [unit - offset] : [];
  if (!MIXES.has(node.operation)) return width === node.shape[0] ? [unit] : null;
  const groups = Number(node.details["groups"] ?? 1);
  if (groups === 1) return null;
  const perGroup = width / groups;
  const group = Math.floor(unit / ((node.shape[0] ?? 1) / groups));
  return Array.from({ length: perGroup }, (_, index) => group * perGroup + index);
}

/** All thin lines, one path per pair of columns. */
export function links(layout: Layout, drawn: readonly Drawn[], nodes: ReadonlyMap<string, Node>): Link[] {
  const byId = new Map(drawn.map((entry) => [entry.column.item.id, entry]));
  const lanes = new Lanes(layout.bottom + 17);
  return drawn.flatMap((to) =>
    to.column.item.inputs.map((id) => {
      const from = byId.get(id);
      if (!from) return { from: id, to: to.column.item.id, path: fromInput(layout, to), skip: false };
      const skip = from.column.item.column < to.column.item.column - 1;
      const path = skip ? lanes.around(from.column, to.column) : between(from, to, nodes);
      return { from: id, to: to.column.item.id, path, skip };
    }),
  );
}

/** From the picture to each tile of a column that reads it. */
function fromInput({ input }: Layout, { column }: Drawn): string {
  const start = [input.x + input.side + 4, input.y + input.side / 2] as const;
  const ends = Array.from({ length: column.tiles }, (_, index) => tileEdge(column, index, "left"));
  return ends.map((end) => curve(start, end)).join("");
}

/** Between neighbours: from each unit to those that read it. A folded block doesn't say which do: one line. */
function between(from: Drawn, to: Drawn, nodes: ReadonlyMap<string, Node>): string {
  const { item } = to.column;
  if (item.block) return curve(middle(from.column, "right"), middle(to.column, "left"));
  return to.units.flatMap((unit, index) => (unit === null ? [] : unitCurves(from, to, unit, index, nodes))).join("");
}

function unitCurves(from: Drawn, to: Drawn, unit: number, index: number, nodes: ReadonlyMap<string, Node>): string[] {
  const source = sources(to.column.item.node, unit, nodes).filter(
    ({ node }) => node.name === from.column.item.node.name,
  );
  const end = tileEdge(to.column, index, "left");
  return source.flatMap(({ units }) =>
    from.units.flatMap((shown, at) =>
      shown !== null && (units === null || units.includes(shown))
        ? [curve(tileEdge(from.column, at, "right"), end)]
        : [],
    ),
  );
}

function middle(column: Column, side: "left" | "right"): [number, number] {
  return tileEdge(column, (column.tiles - 1) / 2, side);
}

/** One unit's own lines: from every drawn unit that it reads. */
export function ownLines(
  layout: Layout,
  drawn: readonly Drawn[],
  node: string,
  unit: number,
  nodes: ReadonlyMap<string, Node>,
): string {
  const to = drawn.find((entry) => entry.column.item.node.name === node);
  const index = to?.units.indexOf(unit) ?? -1;
  const described = nodes.get(node);
  if (!to || index < 0 || !described) return "";
  const end = tileEdge(to.column, index, "left");
  return sources(described, unit, nodes)
    .flatMap(({ node: source, units }) => {
      if (source.inputs.length === 0)
        return [curve([layout.input.x + layout.input.side + 4, layout.input.y + layout.input.side / 2], end)];
      const from = drawn.find((entry) => entry.column.item.node.name === source.name);
      return (from?.units ?? []).flatMap((shown, at) =>
        from && shown !== null && (units === null || units.includes(shown))
          ? [curve(tileEdge(from.column, at, "right"), end)]
          : [],
      );
    })
    .join("");
}

/** Lanes below the tiles for ways around columns: two ways that overlap run in different ones. */
class Lanes {
  private readonly ends: number[] = [];

  constructor(private readonly y: number) {}

  around(from: Column, to: Column): string {
    const start = from.x + from.tile;
    const end = to.x;
    let lane = this.ends.findIndex((taken) => taken < start);
    if (lane < 0) lane = this.ends.length;
    this.ends[lane] = end;
    // More lanes than there is room for share the last.
    const y = this.y + Math.min(lane, 3) * LANE;
    const [, y0] = tileEdge(from, from.tiles - 1, "right");
    const [, y1] = tileEdge(to, to.tiles - 1, "left");
    const r = 6;
    return (
      `M${round(start)} ${round(y0)}h2q${r} 0 ${r} ${r}V${round(y - r)}q0 ${r} ${r} ${r}` +
      `H${round(end - 2 * r - 2)}q${r} 0 ${r} ${-r}V${round(y1 + r)}q0 ${-r} ${r} ${-r}H${round(end)}`
    );
  }
}
