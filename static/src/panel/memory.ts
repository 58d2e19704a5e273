/** Answers are permanent: what was answered once is kept, so that going back to it asks nothing. */

import type { Ask, Values } from "../lib/types";
import type { Matrix } from "./assemble";

export interface Answered {
  values: Values;
  arrays: Readonly<Record<string, Matrix>>;
  answer: string | null;
  step: number;
  steps: number;
}

export const NOTHING: Answered = { values: {}, arrays: {}, answer: null, step: 0, steps: 0 };

const MOST = 96;
const answers = new Map<string, Answered>();

/** Keeps an answer; the oldest of too many is let go of. */
export function remember(ask: Ask, answered: Answered): void {
  answers.set(JSON.stringify(ask), answered);
  const oldest = answers.keys().next();
  if (answers.size > MOST && !oldest.done) answers.delete(oldest.value);
}

export function known(ask: Ask): Answered | undefined {
  return answers.get(JSON.stringify(ask));
}
