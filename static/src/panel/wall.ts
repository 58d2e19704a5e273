/** The wall of a layer's units: which come first, and where each tile stands on the one canvas. */

export type Order = "strength" | "max" | "mean" | "variance" | "id";

export const ORDERS: readonly Order[] = ["strength", "max", "mean", "variance", "id"];

/** What is known of the units of a node: strongest first, and one number per unit. */
export interface Strengths {
  order: readonly number[];
  max: readonly (number | null)[];
  mean: readonly (number | null)[];
  variance: readonly (number | null)[];
}

/** All units of a node in this order: largest first, or as they are numbered. Units without a number come last. */
export function ordered(units: number, order: Order, strengths: Strengths | undefined): number[] {
  const ids = Array.from({ length: units }, (_, unit) => unit);
  if (order === "id" || !strengths) return ids;
  if (order === "strength") return strengths.order.length === units ? [...strengths.order] : ids;
  const strength = strengths[order];
  const of = (unit: number): number => strength[unit] ?? Number.NEGATIVE_INFINITY;
  return ids.sort((a, b) => (of(b) === of(a) ? a - b : of(b) - of(a)));
}

export interface Wall {
  columns: number;
  rows: number;
  tile: number;
  gap: number;
  width: number;
  height: number;
}

/**
 * Square tiles that fill a width, each at least `least` and at most `most` pixels, so that few units become large
 * tiles and many become small ones.
 */
export function wall(tiles: number, width: number, least = 44, most = 96, gap = 6): Wall {
  const manyColumns = Math.max(Math.floor((width + gap) / (least + gap)), 1);
  const fewColumns = Math.max(Math.ceil((width + gap) / (most + gap)), 1);
  const columns = Math.min(Math.max(fewColumns, Math.min(tiles, Math.ceil(Math.sqrt(tiles * 1.5)))), manyColumns);
  const tile = Math.max(Math.floor((width + gap) / columns) - gap, 1);
  const rows = Math.ceil(tiles / columns);
  return { columns, rows, tile, gap, width, height: Math.max(rows * (tile + gap) - gap, 0) };
}

/** The upper left corner of a tile. */
export function corner(layout: Wall, index: number): [x: number, y: number] {
  const pitch = layout.tile + layout.gap;
  return [(index % layout.columns) * pitch, Math.floor(index / layout.columns) * pitch];
}

/** Which tile is at a point; null between tiles and behind the last. */
export function hit(layout: Wall, tiles: number, x: number, y: number): number | null {
  const pitch = layout.tile + layout.gap;
  const [column, row] = [Math.floor(x / pitch), Math.floor(y / pitch)];
  const onTile = x - column * pitch < layout.tile && y - row * pitch < layout.tile;
  const index = row * layout.columns + column;
  return onTile && column >= 0 && column < layout.columns && row >= 0 && index < tiles ? index : null;
}

/** Where an arrow key leads from one tile; the same tile at the edge. */
export function moved(layout: Wall, tiles: number, index: number, key: string): number {
  const steps: Record<string, number> = {
    ArrowLeft: -1,
    ArrowRight: 1,
    ArrowUp: -layout.columns,
    ArrowDown: layout.columns,
  };
  if (key === "Home") return 0;
  if (key === "End") return tiles - 1;
  const target = index + (steps[key] ?? 0);
  return target >= 0 && target < tiles ? target : index;
}

/** A text for each unit, made when it is first wanted. */
export function once(make: (unit: number) => string): (unit: number) => string {
  const known = new Map<number, string>();
  return (unit) => {
    const text = known.get(unit) ?? make(unit);
    known.set(unit, text);
    return text;
  };
}
