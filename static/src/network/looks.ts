/** Which maps the server should send beyond the strips: those in sight that are drawn larger, or that no strip held. */

import type { Look } from "../lib/types";
import type { Drawn } from "./edges";
import { STRIP_SIDE } from "./stack";

export function looks(drawn: readonly Drawn[], ratio: number, lacks: (node: string, unit: number) => boolean): Look[] {
  return drawn.flatMap(({ column, units }): Look[] => {
    const { name, shape } = column.item.node;
    // Nodes of single values are sent whole.
    if (shape.length === 1) return [];
    const size = Math.max(Math.round(column.width * ratio), STRIP_SIDE);
    const reduced = Math.max(shape[1] ?? 1, shape[2] ?? 1) > STRIP_SIDE;
    const known = units.filter((unit) => unit !== null);
    const wanted = reduced && size > STRIP_SIDE ? known : known.filter((unit) => lacks(name, unit));
    return wanted.length > 0 ? [{ node: name, units: wanted.join(","), size }] : [];
  });
}
