/** What a tile says to those who cannot see it. */

import type { Tile } from "../lib/maps";
import { t } from "../lib/texts";
import type { State, Statistics } from "../lib/types";
import { value } from "../panel/numbers";

/** A unit's value that is largest in size, with its sign; undefined while it is not known. */
export function largest(statistics: Statistics | undefined, unit: number): number | undefined {
  const [low, high] = [statistics?.min?.[unit], statistics?.max?.[unit]];
  if (typeof low !== "number" || typeof high !== "number") return undefined;
  return -low > high ? low : high;
}

export function tileLabel(
  node: string,
  unit: number,
  state: State,
  statistics: Statistics | undefined,
  tile: Tile | undefined,
): string {
  if (state === "computing") return t("tile.computing", { node, unit });
  if (state === "failed") return t("tile.failed", { node, unit });
  if (tile?.number !== undefined) return t("tile.value", { node, unit, value: value(tile.number, tile.number, 3) });
  const most = largest(statistics, unit);
  return most === undefined
    ? t("tile", { node, unit })
    : t("tile.largest", { node, unit, value: value(most, most, 3) });
}
