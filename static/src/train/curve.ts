/** A run's curve as it grows: pieces are put behind each other, in the order of their steps. */

import type { Series } from "./lines";
import type { Change, Curve, Evaluation } from "./types";

export const EMPTY: Curve = {
  every: 1,
  steps: [],
  loss: [],
  accuracy: [],
  learning_rate: [],
  layers: { names: [], steps: [], gradient: [], update: [], weight: [] },
  evaluations: [],
  changes: [],
};

type Values = readonly (number | null)[];

/** How many of the steps lie before the first of the piece: what comes again takes the place of what was there. */
function kept(steps: readonly number[], piece: readonly number[]): number {
  const first = piece[0];
  if (first === undefined) return steps.length;
  const index = steps.findLastIndex((step) => step < first);
  return index + 1;
}

const joined = <Value>(before: readonly Value[], count: number, after: readonly Value[]): Value[] => [
  ...before.slice(0, count),
  ...after,
];

function byStep<One extends { step: number }>(
  before: readonly One[],
  after: readonly One[],
  same: (one: One) => string,
): One[] {
  const all = new Map([...before, ...after].map((one) => [same(one), one]));
  return [...all.values()].sort((a, b) => a.step - b.step);
}

/** The curve with a piece that came after it, or again. */
export function grown(curve: Curve, piece: Curve): Curve {
  const count = kept(curve.steps, piece.steps);
  const layers = kept(curve.layers.steps, piece.layers.steps);
  const table = (before: Values[], after: Values[]): (number | null)[][] =>
    piece.layers.names.map((_, index) => joined(before[index] ?? [], layers, after[index] ?? []));
  return {
    every: Math.max(curve.every, piece.every),
    steps: joined(curve.steps, count, piece.steps),
    loss: joined(curve.loss, count, piece.loss),
    accuracy: joined(curve.accuracy, count, piece.accuracy),
    learning_rate: joined(curve.learning_rate, count, piece.learning_rate),
    layers: {
      names: piece.layers.names.length ? piece.layers.names : curve.layers.names,
      steps: joined(curve.layers.steps, layers, piece.layers.steps),
      gradient: piece.layers.names.length ? table(curve.layers.gradient, piece.layers.gradient) : curve.layers.gradient,
      update: piece.layers.names.length ? table(curve.layers.update, piece.layers.update) : curve.layers.update,
      weight: piece.layers.names.length ? table(curve.layers.weight, piece.layers.weight) : curve.layers.weight,
    },
    evaluations: byStep<Evaluation>(curve.evaluations, piece.evaluations, ({ step, part }) => `${step} ${part}`),
    changes: byStep<Change>(curve.changes, piece.changes, (one) => JSON.stringify(one)),
  };
}

/** A series of what may be null, which no line goes through. */
export const series = (at: readonly number[], values: Values | undefined): Series => ({
  at,
  values: (values ?? []).map((value) => value ?? Number.NaN),
});

/** A series smoothed over the last so many of its values, so that the noise of single batches does not hide its way. */
export function smoothed({ at, values }: Series, over: number): Series {
  let [sum, count] = [0, 0];
  const result = values.map((value, index) => {
    const gone = index >= over ? (values[index - over] ?? Number.NaN) : Number.NaN;
    if (Number.isFinite(value)) [sum, count] = [sum + value, count + 1];
    if (Number.isFinite(gone)) [sum, count] = [sum - gone, count - 1];
    return Number.isFinite(value) && count > 0 ? sum / count : Number.NaN;
  });
  return { at, values: result };
}
