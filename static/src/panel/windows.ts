/** The window that a value looks at, for operations that slide one over a map: where it stands, and what it holds. */

import type { Node, Pair } from "../lib/types";
import type { Box } from "./field";
import type { Cell } from "./place";

/** What is made of a window: a sum of products, its largest value, its mean, or a function of its one value. */
export type Way = "products" | "largest" | "mean" | "alone";

export interface Sliding {
  way: Way;
  kernel: Pair;
  stride: Pair;
  padding: Pair;
  dilation: Pair;
  /** Rows and columns of the map that is read, and of the map that is made. */
  input: Pair;
  output: Pair;
}

const WAYS: Readonly<Record<string, Way>> = { convolution: "products", max_pool: "largest", average_pool: "mean" };
const ALONE = ["relu", "relu6", "leaky_relu", "elu", "silu", "gelu", "tanh", "sigmoid", "hardswish", "hardsigmoid"];

/** How a node slides over the map that it reads; null where it does something else. */
export function sliding(node: Node, source: Node | undefined): Sliding | null {
  const way = WAYS[node.operation] ?? (ALONE.includes(node.operation) ? "alone" : null);
  if (!way || !source || node.shape.length !== 3 || source.shape.length !== 3) return null;
  const pair = (name: string, otherwise: number): Pair => {
    const given = node.details[name];
    const [rows, columns] = Array.isArray(given)
      ? given.map(Number)
      : [given ?? otherwise, given ?? otherwise].map(Number);
    return [rows ?? otherwise, columns ?? otherwise];
  };
  const side = (of: Node): Pair => [of.shape[1] ?? 1, of.shape[2] ?? 1];
  return {
    way,
    kernel: pair("kernel_size", 1),
    stride: pair("stride", 1),
    padding: pair("padding", 0),
    dilation: pair("dilation", 1),
    input: side(source),
    output: side(node),
  };
}

/** The maps that a unit reads: of its group the first, and how many. */
export function channels(node: Node, unit: number): { first: number; count: number } {
  if (node.operation !== "convolution") return { first: unit, count: 1 };
  const groups = Number(node.details["groups"] ?? 1);
  const count = Number(node.details["in_channels"] ?? 1) / groups;
  return { first: Math.floor(unit / ((node.shape[0] ?? 1) / groups)) * count, count };
}

/** The rows and columns of the input between which the window of an output value lies; it may reach into the padding. */
export function windowBox({ kernel, stride, padding, dilation }: Sliding, [row, column]: Cell): Box {
  const top = row * stride[0] - padding[0];
  const left = column * stride[1] - padding[1];
  return {
    top,
    left,
    bottom: top + (kernel[0] - 1) * dilation[0],
    right: left + (kernel[1] - 1) * dilation[1],
  };
}

/** Where the values of a window stand, row by row. */
export function places(how: Sliding, at: Cell): Cell[] {
  const { top, left } = windowBox(how, at);
  return Array.from({ length: how.kernel[0] * how.kernel[1] }, (_, index) => [
    top + Math.floor(index / how.kernel[1]) * how.dilation[0],
    left + (index % how.kernel[1]) * how.dilation[1],
  ]);
}

export const inside = ([row, column]: Cell, [rows, columns]: Pair): boolean =>
  row >= 0 && column >= 0 && row < rows && column < columns;

/** What a window holds of a map: zero in the padding. */
export function held(how: Sliding, map: ArrayLike<number>, at: Cell): number[] {
  return places(how, at).map((place) =>
    inside(place, how.input) ? (map[place[0] * how.input[1] + place[1]] ?? 0) : 0,
  );
}

/** What one map that is read adds to every value of a sum of products, in C order. */
export function contributions(how: Sliding, map: ArrayLike<number>, kernel: ArrayLike<number>): Float32Array {
  const [rows, columns] = how.output;
  return Float32Array.from({ length: rows * columns }, (_, index) => {
    const window = held(how, map, [Math.floor(index / columns), index % columns]);
    return window.reduce((total, value, place) => total + value * (kernel[place] ?? 0), 0);
  });
}

/** The number of the largest value of a window, padding left out: the first of equals. */
export function winner(how: Sliding, map: ArrayLike<number>, at: Cell): number {
  const values = held(how, map, at);
  const within = places(how, at).map((place) => inside(place, how.input));
  return values.reduce((best, value, index) => {
    if (!within[index]) return best;
    return best < 0 || value > (values[best] ?? 0) ? index : best;
  }, -1);
}

/** The output value whose window has its middle nearest to a place of the input. */
export function valueOver(how: Sliding, [row, column]: Cell): Cell {
  const nearest = (axis: 0 | 1, index: number): number => {
    const middle = ((how.kernel[axis] - 1) * how.dilation[axis]) / 2;
    const output = Math.round((index + how.padding[axis] - middle) / how.stride[axis]);
    return Math.min(Math.max(output, 0), how.output[axis] - 1);
  };
  return [nearest(0, row), nearest(1, column)];
}
