/** How a layer's units answer to a whole data set, as the server tells it: numbers per unit, and ways to sort them. */

export interface Told {
  pictures: number;
  edges: number[];
  /** Per unit. */
  mean: (number | null)[];
  zeros: (number | null)[];
  least: (number | null)[];
  greatest: (number | null)[];
  selectivity: (number | null)[];
  class: number[];
  dead: number[];
  /** Of the picture at hand: the means of its maps. */
  here: (number | null)[] | null;
}

export type Order = "selectivity" | "here" | "zeros" | "id";
export const ORDERS: readonly Order[] = ["selectivity", "here", "zeros", "id"];

/** The units in an order; those that a number is missing for come last. */
export function sorted(told: Told, order: Order): number[] {
  const units = told.mean.map((_, unit) => unit);
  if (order === "id") return units;
  const numbers = (order === "here" ? told.here : told[order]) ?? [];
  const of = (unit: number): number => numbers[unit] ?? -Infinity;
  return units.sort((one, other) => (of(one) === of(other) ? one - other : of(other) - of(one)));
}

/** The mean of what is finite; null where nothing is. */
export function average(numbers: readonly (number | null)[]): number | null {
  const finite = numbers.filter((number) => number !== null);
  return finite.length ? finite.reduce((sum, number) => sum + number, 0) / finite.length : null;
}

/** A unit's own part of the histogram: without the empty bins before its first value and behind its last. */
export function trimmed(
  edges: readonly number[],
  counts: readonly number[],
): { edges: readonly number[]; counts: readonly number[] } {
  const first = counts.findIndex((count) => count > 0);
  if (first < 0) return { edges, counts };
  const last = counts.findLastIndex((count) => count > 0);
  return { edges: edges.slice(first, last + 2), counts: counts.slice(first, last + 1) };
}

/** Where a value stands between the first and the last edge, 0…1; what is beyond stands at the end. */
export function placeOf(value: number, edges: readonly number[]): number {
  const [low, high] = [edges[0] ?? 0, edges.at(-1) ?? 1];
  return high === low ? 0.5 : Math.min(Math.max((value - low) / (high - low), 0), 1);
}
