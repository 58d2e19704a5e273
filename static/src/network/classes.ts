/** The rows of the answer: every class of a small network as it is numbered, of a large one the most probable. */

import type { Classification } from "../lib/types";

export interface ClassRow {
  index: number;
  label: string;
  /** Null while it is not known. */
  probability: number | null;
}

/** As many classes as can be read beside the layers; of more, so many of the most probable are asked for. */
const MOST = 16;
const MOST_PROBABLE = 10;

/** How many rows there will be. */
export function classCount(classes: readonly string[]): number {
  return classes.length > MOST ? MOST_PROBABLE : classes.length;
}

export function classRows(classes: readonly string[], classification: Classification | null): ClassRow[] {
  if (classes.length > MOST) {
    return (classification?.top ?? []).map(({ index, label, probability }) => {
      return { index, label: classes[index] ?? label, probability };
    });
  }
  return classes.map((label, index) => ({ index, label, probability: probability(classification, index) }));
}

/** softmax: exp(z − max) over the sum of all of them. */
function probability(classification: Classification | null, index: number): number | null {
  const exp = classification?.softmax.exps[index];
  const sum = classification?.softmax.sum;
  return typeof exp === "number" && typeof sum === "number" ? exp / sum : null;
}
