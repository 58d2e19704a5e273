/** What a value of a convolution is added up from, map by map. */

import { sum } from "./assemble";

/** A map that is read, and what it adds to each value. */
export interface Part {
  input: number;
  name: string;
  values: Float32Array;
  image: ImageData | null;
}

/** One line of the sum. `input` is null where it is no single map; `from` is the sum before it. */
export interface Addend {
  input: number | null;
  name: string;
  value: number;
  image: ImageData | null;
  from: number;
}

/** The lines that add up to a value: the parts, the maps that have no line of their own, and the bias. */
export function addends(
  parts: readonly Part[],
  made: number,
  bias: number,
  index: number,
  names: { rest: string | null; bias: string },
): Addend[] {
  const lines = parts.map(({ input, name, values, image }) => ({ input, name, value: values[index] ?? 0, image }));
  const rest = made - bias - sum(lines.map(({ value }) => value));
  const other = (name: string, value: number): Omit<Addend, "from"> => ({ input: null, name, value, image: null });
  const all: Omit<Addend, "from">[] = [
    ...lines,
    ...(names.rest === null ? [] : [other(names.rest, rest)]),
    ...(bias ? [other(names.bias, bias)] : []),
  ];
  let total = 0;
  return all.map((line) => {
    const from = total;
    total += line.value;
    return { ...line, from };
  });
}

/** How far the sums go, up and down, on the way to the values at some places; zero is within. */
export function reachOf(
  parts: readonly Float32Array[],
  made: Float32Array,
  bias: number,
  places: Iterable<number>,
): [low: number, high: number] {
  let [low, high] = [0, 0];
  const meet = (total: number): void => {
    low = Math.min(low, total);
    high = Math.max(high, total);
  };
  for (const at of places) {
    const last = made[at] ?? 0;
    let total = 0;
    for (const values of parts) meet((total += values[at] ?? 0));
    meet(last);
    meet(last - bias);
  }
  return [low, high];
}
