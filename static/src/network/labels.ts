/** What a tile says to those who cannot see it. */

import type { Tile } from "../lib/maps";
import { t } from "../lib/texts";
import type { Node, State, Statistics } from "../lib/types";
import { value } from "../panel/numbers";
import { flattens, record } from "./record";

/** A unit's value that is largest in size, with its sign; undefined while it is not known. */
export function largest(statistics: Statistics | undefined, unit: number): number | undefined {
  const [low, high] = [statistics?.min?.[unit], statistics?.max?.[unit]];
  if (typeof low !== "number" || typeof high !== "number") return undefined;
  return -low > high ? low : high;
}

export function tileLabel(
  described: Node,
  unit: number,
  state: State,
  statistics: Statistics | undefined,
  tile: Tile | undefined,
  nodes: ReadonlyMap<string, Node>,
): string {
  const node = described.name;
  if (state === "computing") return t("tile.computing", { node, unit });
  if (state === "failed") return t("tile.failed", { node, unit });
  if (tile?.number !== undefined) return numberLabel(described, unit, tile.number, nodes);
  const most = largest(statistics, unit);
  return most === undefined
    ? t("tile", { node, unit })
    : t("tile.largest", { node, unit, value: value(most, most, 3) });
}

/** A single value; of a flattened entry also where it comes from. */
function numberLabel(node: Node, unit: number, number: number, nodes: ReadonlyMap<string, Node>): string {
  const told = { node: node.name, unit, value: value(number, number, 3) };
  const [reading] = flattens(node, nodes) ? record(node, unit, nodes).reads : [];
  if (!reading?.cell) return t("tile.value", told);
  const [row, column] = reading.cell;
  return t("tile.entry", { ...told, source: reading.node.name, map: reading.units?.[0] ?? 0, row, column });
}
