/** One value taken apart: the server's answer, and the lines in which the page tells it. */

export interface Term {
  label: string;
  value: number | null;
  node?: string;
  unit?: number;
  row?: number;
  column?: number;
  weight?: number;
  input?: number;
}

/** The terms of one input map, folded. */
export interface Group {
  label: string;
  /** Whose map it is. */
  node?: string;
  unit: number;
  value: number;
  count: number;
}

export interface Arithmetic {
  node: string;
  operation: string;
  value: number | null;
  unit: number;
  row: number;
  column: number;
  /** The largest ones. */
  terms: Term[];
  /** How many there are. */
  count?: number;
  groups: Group[];
  bias?: number | null;
  sum: number | null;
  difference: number | null;
  formula: string;
  sentence: string;
  /** Further numbers of the formula. */
  facts?: Record<string, unknown>;
  /** Of an input value: the pixel that it was. */
  pixel?: { row: number; column: number; colour: string; byte?: number };
  window?: {
    node: string;
    top: number;
    left: number;
    rows: number;
    columns: number;
    channels: number;
    /** Number of the first input map that is read. */
    channel?: number;
    dilation?: number[];
  };
}

/** A place in the network: one value of one unit of one node. */
export interface Place {
  node: string;
  unit: number;
  at: readonly [row: number, column: number];
}

/** How far the sum may be from the network's value and still be called equal: 1e-4 of it. */
export const TOLERANCE = 1e-4;

/** Whether the sum is the network's value. */
export function equal(answer: Arithmetic): boolean {
  if (answer.sum === null || answer.value === null) return answer.sum === answer.value;
  return Math.abs(answer.sum - answer.value) <= TOLERANCE * Math.max(Math.abs(answer.value), 1e-3);
}

/** The largest number of a sum, which decides the decimals of all its lines. */
export function scale(answer: Arithmetic): number {
  const parts = answer.groups.length ? answer.groups : answer.terms;
  return Math.max(...parts.map((part) => Math.abs(part.value ?? 0)), Math.abs(answer.value ?? 0));
}

/** Groups largest first, cut to so many; the rest are told together, so that the lines still add up. */
export function folded(groups: readonly Group[], shown: number): { first: Group[]; rest: Group[]; restValue: number } {
  const sorted = [...groups].sort((a, b) => Math.abs(b.value) - Math.abs(a.value));
  const rest = sorted.slice(shown);
  return { first: sorted.slice(0, shown), rest, restValue: rest.reduce((sum, group) => sum + group.value, 0) };
}

/** The place that a term's input value comes from; null for constants and padding. */
export function door(term: Term): Place | null {
  if (term.node === undefined || term.unit === undefined) return null;
  return { node: term.node, unit: term.unit, at: [term.row ?? 0, term.column ?? 0] };
}

/** Whether two places are the same value. */
export function same(a: Place, b: Place): boolean {
  return a.node === b.node && a.unit === b.unit && a.at[0] === b.at[0] && a.at[1] === b.at[1];
}

/**
 * The way walked, with where one is now at its end. Going back to a place on it cuts what came after; a door makes it
 * longer; moving on the same map moves its end; anything else begins anew.
 */
export function followed(trail: readonly Place[], next: Place, door: boolean): readonly Place[] {
  const before = trail.findIndex((place) => same(place, next));
  if (before >= 0) return before === trail.length - 1 ? trail : trail.slice(0, before + 1);
  if (door) return [...trail, next];
  const last = trail.at(-1);
  return last && last.node === next.node && last.unit === next.unit ? [...trail.slice(0, -1), next] : [next];
}
