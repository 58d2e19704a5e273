/**
 * How a unit of a node is computed: which units of which nodes it reads, and in what way.
 *
 * The one place that knows: lines between tiles, marks under the pointer and the words of a formula all ask it. Pure, and
 * true of the traced graph: nodes that are not drawn are read like any other, unless `drawnReadings` sees through them.
 */

import type { Node } from "../lib/types";

/** What is done with what is read. */
export type Way =
  "source" | "weighted_sum" | "normalise" | "window" | "whole_map" | "each_value" | "combine" | "join" | "move";

/** Units of one input; null for all of them. */
export interface Reading {
  node: Node;
  units: readonly number[] | null;
  /** The one value that is read, where it is one: row and column of the map. */
  cell?: readonly [row: number, column: number];
}

export interface TileRecord {
  node: Node;
  unit: number;
  way: Way;
  reads: Reading[];
}

const MIXES: Record<string, Way> = {
  convolution: "weighted_sum",
  transposed_convolution: "weighted_sum",
  linear: "weighted_sum",
  layer_norm: "normalise",
  group_norm: "normalise",
  local_response_norm: "normalise",
  softmax: "normalise",
  log_softmax: "normalise",
};
const COMBINES = new Set(["add", "subtract", "multiply", "divide"]);
const FLATTENS = new Set(["flatten", "reshape", "squeeze", "unsqueeze"]);

const width = (node: Node): number => node.shape[0] ?? 1;
const mapSize = (node: Node): number => node.shape.slice(1).reduce((product, side) => product * side, 1);

function wayOf({ operation, inputs }: Node): Way {
  if (inputs.length === 0) return "source";
  if (COMBINES.has(operation)) return "combine";
  if (operation === "concat") return "join";
  if (FLATTENS.has(operation) || operation === "identity" || operation === "dropout") return "move";
  if (operation === "mean" || operation.startsWith("adaptive")) return "whole_map";
  if (operation.includes("pool")) return "window";
  return MIXES[operation] ?? (operation.endsWith("norm") ? "normalise" : "each_value");
}

/** How one unit of a node is computed. */
export function record(node: Node, unit: number, nodes: ReadonlyMap<string, Node>): TileRecord {
  let offset = 0;
  const reads = node.inputs.flatMap((name): Reading[] => {
    const input = nodes.get(name);
    if (!input) return [];
    const first = offset;
    offset += width(input);
    const reading = readingOf(node, unit, input, first);
    return reading ? [reading] : [];
  });
  return { node, unit, way: wayOf(node), reads };
}

/** What a unit reads of one input, whose units are preceded by so many in a concatenation. */
function readingOf(node: Node, unit: number, input: Node, first: number): Reading | null {
  if (node.operation === "concat") {
    const inside = unit >= first && unit < first + width(input);
    return inside ? { node: input, units: [unit - first] } : null;
  }
  if (FLATTENS.has(node.operation) && width(node) === width(input) * mapSize(input)) return entry(unit, input);
  if (node.operation in MIXES) return { node: input, units: groupRead(node, unit, input) };
  return { node: input, units: width(input) === width(node) ? [unit] : null };
}

/** Where an entry of a flattened input comes from: maps follow each other, each row by row. */
function entry(index: number, input: Node): Reading {
  const columns = input.shape[2] ?? 1;
  const within = index % mapSize(input);
  const cell = [Math.floor(within / columns), within % columns] as const;
  return { node: input, units: [Math.floor(index / mapSize(input))], ...(mapSize(input) > 1 ? { cell } : {}) };
}

/** The entry of a flatten that a value of a map becomes. */
export function entryOf(input: Node, unit: number, row: number, column: number): number {
  return unit * mapSize(input) + row * (input.shape[2] ?? 1) + column;
}

/** The units of its group that a grouped layer reads; null for all. */
function groupRead(node: Node, unit: number, input: Node): number[] | null {
  const groups = Number(node.details["groups"] ?? 1);
  if (groups === 1) return null;
  const perGroup = width(input) / groups;
  const group = Math.floor(unit / (width(node) / groups));
  return Array.from({ length: perGroup }, (_, index) => group * perGroup + index);
}

/** Whether a flatten puts values into another order than that of the units: where it is worth a column of its own. */
export function flattens(node: Node, nodes: ReadonlyMap<string, Node>): boolean {
  const input = nodes.get(node.inputs[0] ?? "");
  return FLATTENS.has(node.operation) && node.shape.length === 1 && input !== undefined && mapSize(input) > 1;
}

/** Whether a node only hands on what it reads, unit by unit: nothing is to be seen that its input doesn't show. */
export function passesOn(node: Node, nodes: ReadonlyMap<string, Node>): boolean {
  return node.inputs.length > 0 && wayOf(node) === "move" && !flattens(node, nodes);
}

/** What a unit reads, in terms of nodes that are drawn: others are seen through. */
export function drawnReadings(
  node: Node,
  unit: number,
  nodes: ReadonlyMap<string, Node>,
  isDrawn: (name: string) => boolean,
): Reading[] {
  return record(node, unit, nodes).reads.flatMap((reading) => {
    if (isDrawn(reading.node.name) || reading.node.inputs.length === 0) return [reading];
    if (!passesOn(reading.node, nodes)) return [];
    if (reading.units === null) {
      const [through] = drawnReadings(reading.node, 0, nodes, isDrawn);
      return through ? [{ node: through.node, units: null }] : [];
    }
    return reading.units.flatMap((inner) => drawnReadings(reading.node, inner, nodes, isDrawn));
  });
}
