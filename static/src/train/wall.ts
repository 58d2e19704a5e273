/** Where the tiles of a run's layers stand: a row for each layer, its kernels at the left, its maps at the right. */

import type { Node } from "../lib/types";
import { MOST_INPUTS, MOST_UNITS } from "./kernels";

export interface Place {
  x: number;
  y: number;
  side: number;
}

export interface Wall {
  places: Place[];
  width: number;
  height: number;
}

const GAP = 3;
const LARGEST = 44;
const SMALLEST = 7;

/** Squares in rows as wide as there is room, as large as they may be without needing more lines than `lines`. */
export function gridOf(count: number, room: number, lines = 2, largest = LARGEST): Wall {
  const across = Math.max(Math.ceil(count / lines), 1);
  const side = Math.max(Math.min(Math.floor((room + GAP) / across) - GAP, largest), SMALLEST);
  const columns = Math.max(Math.min(Math.floor((room + GAP) / (side + GAP)), across), 1);
  const places = Array.from({ length: count }, (_, index) => ({
    x: (index % columns) * (side + GAP),
    y: Math.floor(index / columns) * (side + GAP),
    side,
  }));
  return { places, width: columns * (side + GAP) - GAP, height: Math.ceil(count / columns) * (side + GAP) - GAP };
}

/** Kernels with several inputs: a column for each unit, a row for each input. */
export function tableOf(units: number, inputs: number, room: number): Wall {
  const gap = 2;
  const side = Math.max(Math.min(Math.floor((room + gap) / units) - gap, 18), SMALLEST);
  const places = Array.from({ length: units * inputs }, (_, index) => ({
    x: Math.floor(index / inputs) * (side + gap),
    y: (index % inputs) * (side + gap),
    side,
  }));
  return { places, width: units * (side + gap) - gap, height: inputs * (side + gap) - gap };
}

/** How many units and inputs of a layer's kernels are drawn. */
export function drawnOf(node: Node): { units: number; inputs: number; coloured: boolean } {
  const [units, inputs] = [node.shape[0] ?? 1, Number(node.details["in_channels"] ?? 1)];
  const coloured = inputs === 3 && node.inputs[0] === "input";
  const wide = coloured || inputs === 1;
  return {
    units: Math.min(units, wide ? 4 * MOST_UNITS : MOST_UNITS),
    inputs: coloured ? 1 : Math.min(inputs, MOST_INPUTS),
    coloured,
  };
}

/** A layer with weights, and where what it makes is seen: behind its activation, if one follows. */
export interface Row {
  node: Node;
  seen: Node;
}

const ACTIVATIONS = ["relu", "relu6", "leaky_relu", "elu", "gelu", "silu", "tanh", "sigmoid"];

export function rowsOf(nodes: readonly Node[]): Row[] {
  return nodes.flatMap((node, index) => {
    if (node.operation !== "convolution" && node.operation !== "linear") return [];
    // A normalisation may stand between the sum and its activation.
    const after = nodes.slice(index + 1, index + 3);
    const seen = after.find(({ operation, shape }) => ACTIVATIONS.includes(operation) && same(shape, node.shape));
    return [{ node, seen: seen ?? node }];
  });
}

const same = (one: readonly number[], other: readonly number[]): boolean => one.join() === other.join();
