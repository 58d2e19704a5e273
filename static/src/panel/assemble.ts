/** Puts an array together from the frames in which it comes: all at once, some units at a time, better with each step. */

import type { Frame, Kind } from "../lib/types";

export interface Matrix {
  shape: readonly number[];
  axes: readonly string[];
  kind: Kind;
  step: number;
  data: Uint8Array | Float32Array;
}

/** The array with a frame put in; what of it has not come yet is zero. A reduced picture of it is left out. */
export function assembled(before: Matrix | undefined, { header, data }: Frame): Matrix | undefined {
  if (header.detail === "strip") return before;
  const shape = header.full_shape ?? header.shape;
  const size = shape.reduce((product, side) => product * side, 1);
  const { axes, kind, step, units } = header;
  if (data.length === size && !units) return { shape, axes, kind, step, data };
  const Values = data.constructor as Uint8ArrayConstructor & Float32ArrayConstructor;
  const fits = before && before.data.length === size && before.data instanceof Values;
  // A picture that is being drawn must not change under the hand that draws it.
  const whole = fits ? before.data.slice() : new Values(size);
  const per = size / (shape[0] ?? 1);
  units?.forEach((unit, index) => whole.set(data.subarray(index * per, (index + 1) * per), unit * per));
  return { shape, axes, kind, step, data: whole };
}

/** One entry of the first axis. */
export function entry(matrix: Matrix, index: number): Matrix {
  const shape = matrix.shape.slice(1);
  const size = shape.reduce((product, side) => product * side, 1);
  return { ...matrix, shape, axes: matrix.axes.slice(1), data: matrix.data.subarray(index * size, (index + 1) * size) };
}

/** The value largest in size of what is finite. */
export function largest(values: ArrayLike<number>): number {
  let most = 0;
  for (let index = 0; index < values.length; index += 1) {
    const size = Math.abs(values[index] ?? 0);
    if (size > most && Number.isFinite(size)) most = size;
  }
  return most;
}

export function sum(values: ArrayLike<number>): number {
  let total = 0;
  for (let index = 0; index < values.length; index += 1) total += values[index] ?? 0;
  return total;
}

/** The L2 norm. */
export function norm(values: ArrayLike<number>): number {
  let squares = 0;
  for (let index = 0; index < values.length; index += 1) squares += (values[index] ?? 0) ** 2;
  return Math.sqrt(squares);
}
