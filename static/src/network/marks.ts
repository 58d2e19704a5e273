/** Where the entries of a flatten come from: marks on the map and its cell, and on the entries, for what is pointed at. */

import type { Node } from "../lib/types";
import type { Drawn } from "./edges";
import type { Column } from "./layout";
import { entryOf, flattens, record } from "./record";

/** What is pointed at; the cell is known where the pointer is on one. */
export interface Pointed {
  node: string;
  unit: number | null;
  cell?: readonly [row: number, column: number];
}

export interface Mark {
  x: number;
  y: number;
  width: number;
  height: number;
  /** A ring around all of a map, or one cell. */
  kind: "map" | "cell";
}

export function marks(pointed: Pointed | null, drawn: readonly Drawn[], nodes: ReadonlyMap<string, Node>): Mark[] {
  const node = nodes.get(pointed?.node ?? "");
  if (!pointed || !node || pointed.unit === null) return [];
  const { unit, cell } = pointed;
  if (flattens(node, nodes)) return originOf(node, unit, drawn, nodes);
  return drawn
    .filter(({ column: { item } }) => item.node.inputs[0] === node.name && flattens(item.node, nodes))
    .flatMap((flat) => entriesOf(node, unit, cell, flat));
}

/** The map and the cell that an entry comes from. */
function originOf(node: Node, unit: number, drawn: readonly Drawn[], nodes: ReadonlyMap<string, Node>): Mark[] {
  const [reading] = record(node, unit, nodes).reads;
  const source = drawn.find(({ column }) => column.item.node.name === reading?.node.name);
  const index = source?.units.indexOf(reading?.units?.[0] ?? -1) ?? -1;
  if (!source || !reading?.cell || index < 0) return [];
  const { column } = source;
  const [, rows = 1, columns = 1] = reading.node.shape;
  const [row, across] = reading.cell;
  const [width, height] = [column.width / columns, column.height / rows];
  const tile = tileMark(column, index, "map");
  return [tile, { x: tile.x + across * width, y: tile.y + row * height, width, height, kind: "cell" }];
}

/** The entries that a map, or one cell of it, becomes. */
function entriesOf(source: Node, unit: number, cell: Pointed["cell"], { column, units }: Drawn): Mark[] {
  const size = source.shape.slice(1).reduce((product, side) => product * side, 1);
  const wanted = cell ? entryOf(source, unit, cell[0], cell[1]) : null;
  return units.flatMap((entry, index) => {
    if (entry === null || (wanted === null ? Math.floor(entry / size) !== unit : entry !== wanted)) return [];
    return [tileMark(column, index, "cell")];
  });
}

const tileMark = (column: Column, index: number, kind: Mark["kind"]): Mark => ({
  x: column.x,
  y: column.top + index * column.pitch,
  width: column.width,
  height: column.height,
  kind,
});
