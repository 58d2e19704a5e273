/** Which maps the server should send beyond the strips: those in sight that are drawn larger than a strip's 64 pixels. */

import type { Look } from "../lib/types";
import type { Drawn } from "./edges";
import { STRIP_SIDE } from "./layout";

export function looks(drawn: readonly Drawn[], left: number, width: number, ratio: number): Look[] {
  return drawn.flatMap(({ column, units }): Look[] => {
    const inSight = column.x + column.tile > left && column.x < left + width;
    const size = Math.round(column.tile * ratio);
    const { name, shape } = column.item.node;
    const known = units.filter((unit) => unit !== null);
    const reduced = Math.max(shape[1] ?? 1, shape[2] ?? 1) > STRIP_SIDE;
    if (!inSight || !reduced || size <= STRIP_SIDE || known.length === 0) return [];
    return [{ node: name, units: known.join(","), size }];
  });
}
