import { expect, it } from "vitest";
import { EMPTY, grown, series, smoothed } from "./curve";
import type { Curve } from "./types";

function piece(steps: number[], value: number): Curve {
  const values = steps.map(() => value);
  return {
    ...EMPTY,
    steps,
    loss: values,
    accuracy: values,
    learning_rate: values,
    layers: { names: ["conv1"], steps, gradient: [values], update: [values], weight: [values] },
  };
}

it("a curve grows by its pieces, and what comes again after a lost connection counts once", () => {
  let curve = grown(EMPTY, piece([0, 1, 2], 3));
  curve = grown(curve, piece([2, 3], 5));
  expect(curve.steps).toEqual([0, 1, 2, 3]);
  expect(curve.loss).toEqual([3, 3, 5, 5]);
  expect(curve.layers.gradient).toEqual([[3, 3, 5, 5]]);
  expect(grown(curve, EMPTY)).toEqual(curve);
});

it("changes and evaluations are kept once, in order", () => {
  const change = (step: number): Curve => ({
    ...EMPTY,
    changes: [{ step, field: "learning_rate", from: 0.1, to: 0.2 }],
  });
  const curve = [change(9), change(4), change(9)].reduce(grown, EMPTY);
  expect(curve.changes.map(({ step }) => step)).toEqual([4, 9]);
});

it("a smoothed series is the mean of the last values, and begins again after what is not finite", () => {
  const { values } = smoothed(series([0, 1, 2, 3, 4], [2, 4, 6, null, 8]), 2);
  expect(values).toEqual([2, 3, 5, Number.NaN, 8]);
});
