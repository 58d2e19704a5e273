/**
 * What is on screen, for the server: the strips of these layers come first, and then the maps that are drawn larger than a
 * strip has them, or that no strip held.
 */

import type { Look } from "../lib/types";
import type { Drawn } from "./edges";
import { STRIP_SIDE } from "./stack";

export function looks(drawn: readonly Drawn[], ratio: number, lacks: (node: string, unit: number) => boolean): Look[] {
  return drawn.map(({ column, units }): Look => {
    const { name, shape } = column.item.node;
    const size = Math.max(Math.round(column.width * ratio), STRIP_SIDE);
    const reduced = shape.length > 1 && Math.max(shape[1] ?? 1, shape[2] ?? 1) > STRIP_SIDE;
    const known = units.filter((unit) => unit !== null);
    const wanted = reduced && size > STRIP_SIDE ? known : known.filter((unit) => lacks(name, unit));
    if (shape.length > 1 && wanted.length > 0) return { node: name, units: wanted.join(","), size };
    // The strip is enough. Its true pixels are not sent twice; where it has none, one small map is the price of naming it.
    return reduced ? { node: name, units: "0", size: STRIP_SIDE } : { node: name };
  });
}
