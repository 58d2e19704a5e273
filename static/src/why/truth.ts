/** What `faithfulness` tells: whether the answer really hangs on the pixels that each map blames. */

import type { Method, Values } from "../lib/types";
import { named } from "./methods";

/** Stands among the chosen methods where the maps are put to the test. */
export const TEST = "faithfulness";
const RANDOM = "random";
/** So many maps are tested at once at most. */
const MOST = 12;

export interface Tested {
  name: string;
  map: string;
  reason: string;
  /** The probability of the class at each share of the picture. */
  deletion: readonly (number | null)[];
  insertion: readonly (number | null)[];
  deletionArea: number | null;
  insertionArea: number | null;
}

/** The methods whose maps can be tested: those of a class. */
export const testable = (methods: readonly Method[]): Method[] =>
  methods.filter((method) => method.shows === "map" && named(method, "class")).slice(0, MOST);

/** The curves that have come, in the order that was asked for, chance last. */
export function testedOf(values: Values, names: readonly string[]): Tested[] {
  const curves = (values["curves"] ?? {}) as Record<string, Values>;
  return [...names, RANDOM].flatMap((name) => {
    const found = curves[name];
    if (!found) return [];
    const line = (key: string): (number | null)[] => (found[key] ?? []) as (number | null)[];
    const area = (key: string): number | null => (found[`${key}_area`] ?? null) as number | null;
    return {
      name,
      map: String(found["map"] ?? "good"),
      reason: String(found["reason"] ?? ""),
      deletion: line("deletion"),
      insertion: line("insertion"),
      deletionArea: area("deletion"),
      insertionArea: area("insertion"),
    };
  });
}

export const isChance = ({ name }: Tested): boolean => name === RANDOM;

/** In which of the two tests a map beats a random order; null while either is not known. */
export function beats(one: Tested, all: readonly Tested[]): "both" | "one" | "none" | null {
  const chance = all.find(isChance);
  const [own, random] = [one, chance].map((each) => [each?.deletionArea ?? null, each?.insertionArea ?? null] as const);
  if (!own || !random || own[0] === null || own[1] === null || random[0] === null || random[1] === null) return null;
  const wins = Number(own[0] < random[0]) + Number(own[1] > random[1]);
  return wins === 2 ? "both" : wins === 1 ? "one" : "none";
}
