/** What is drawn of a network with some of its blocks open: items, each in its column and lane. */

import type { Node } from "../lib/types";
import { isBlock, type Block, type Tree } from "./tree";

/** Something that is drawn: one node, or a folded block by the maps that come out of it. */
export interface Item {
  id: string;
  label: string;
  /** Whose maps are shown. */
  node: Node;
  /** The folded block; null for a node that stands for itself. */
  block: Block | null;
  /** Ids of the open blocks that hold it, outermost first. */
  within: readonly string[];
  /** Column, counted from the input. */
  column: number;
  /** Which of the paths side by side it stands on, and how many items stand on each of them here. */
  lane: number;
  lanes: readonly number[];
  /** Of the blocks that hold it, those that lie wholly on paths below the first: their brackets stand among the tiles. */
  below: readonly string[];
  /** Ids of the items that it reads. */
  inputs: string[];
}

/** What is drawn with these blocks open, in order of computation. */
export function items(root: Tree, open: readonly string[]): Item[] {
  const list: Item[] = [];
  const walk = (block: Block, within: readonly string[]): void => {
    for (const child of block.children) {
      if (isBlock(child) && open.includes(child.id)) walk(child, [...within, child.id]);
      else if (isBlock(child)) list.push(item(child.id, shortened(child, within), output(child, root), child, within));
      else if (!root.hidden.has(child.name)) list.push(item(child.name, shortened(child, within), child, null, within));
    }
  };
  walk(root, []);
  return inLanes(inColumns(list, root.nodes));
}

const item = (id: string, label: string, node: Node, block: Block | null, within: readonly string[]): Item => ({
  id,
  label,
  node,
  block,
  within,
  column: 0,
  lane: 0,
  lanes: [1],
  below: [],
  inputs: [],
});

function shortened(child: Block | Node, within: readonly string[]): string {
  return shortName(isBlock(child) ? (child.id.endsWith(":") ? child.label : child.id) : child.name, within);
}

/** A name without that of the open block that is written above it. */
export function shortName(name: string, within: readonly string[]): string {
  const named = within.filter((id) => !id.endsWith(":") && name.startsWith(`${id}.`));
  const outer = named.at(-1);
  return outer === undefined ? name : name.slice(outer.length + 1);
}

/** The last node of a block that has a picture to show. */
function output(block: Block, { hidden }: Tree): Node {
  return (block.nodes.findLast(({ name }) => !hidden.has(name)) ?? block.nodes.at(-1)) as Node;
}

/** Whether an item is a node, or the folded block that holds it. */
export function stands({ node, block }: Item, name: string): boolean {
  return node.name === name || (block?.nodes.some((inner) => inner.name === name) ?? false);
}

/** Which item stands for each node: its own, that of its folded block, or for a node left out, that of what it reads. */
export function standsFor(list: readonly Item[], nodes: readonly Node[]): Map<string, string> {
  const stands = new Map<string, string>();
  for (const { id, block, node } of list) for (const inner of block?.nodes ?? [node]) stands.set(inner.name, id);
  for (const node of nodes) {
    const source = stands.get(node.inputs[0] ?? "");
    if (!stands.has(node.name) && source !== undefined) stands.set(node.name, source);
  }
  return stands;
}

/** Columns by the longest way from the input: what runs side by side stands one above the other. */
function inColumns(list: Item[], nodes: readonly Node[]): Item[] {
  const stands = standsFor(list, nodes);
  const columns = new Map<string, number>();
  for (const entry of list) {
    const names = (entry.block?.nodes ?? [entry.node]).flatMap((node) => node.inputs);
    const ids = names.map((name) => stands.get(name)).filter((id) => id !== undefined && id !== entry.id);
    entry.inputs = [...new Set(ids as string[])];
    entry.column = Math.max(-1, ...entry.inputs.map((id) => columns.get(id) ?? -1)) + 1;
    columns.set(entry.id, entry.column);
  }
  return list;
}

/**
 * Lanes: an item goes on in the lane of what it reads first, if that is free; else it starts the next free one. A lane
 * stays taken until its path is read again, so that the line to there has room.
 */
function inLanes(list: Item[]): Item[] {
  const byId = new Map(list.map((entry) => [entry.id, entry]));
  const firstReader = new Map<string, number>();
  for (const { column, inputs } of list) {
    for (const id of inputs) firstReader.set(id, Math.min(firstReader.get(id) ?? Infinity, column));
  }
  const byColumn = new Map<number, Item[]>();
  for (const entry of list) byColumn.set(entry.column, [...(byColumn.get(entry.column) ?? []), entry]);
  const order = [...byColumn.keys()].sort((one, other) => one - other);
  /** The column up to which each lane is taken. */
  const taken: number[] = [];
  const lanesAt = new Map<number, number>();
  for (const column of order) {
    const used = new Set<number>();
    for (const entry of byColumn.get(column) ?? []) {
      const wanted = byId.get(entry.inputs[0] ?? "")?.lane ?? 0;
      const free = (lane: number): boolean => !used.has(lane) && (lane === wanted || (taken[lane] ?? -1) <= column);
      let lane = free(wanted) ? wanted : 0;
      while (!free(lane)) lane += 1;
      entry.lane = lane;
      used.add(lane);
      taken[lane] = firstReader.get(entry.id) ?? column;
    }
    const passing = taken.findLastIndex((until) => until > column);
    lanesAt.set(column, Math.max(passing, ...used) + 1);
  }
  for (const region of regions(order, lanesAt)) weigh(region.flatMap((column) => byColumn.get(column) ?? []));
  const onTop = new Set(list.flatMap(({ lane, within }) => (lane === 0 ? within : [])));
  for (const entry of list) entry.below = entry.within.filter((id) => !onTop.has(id));
  return list;
}

/** Runs of columns that have several lanes. */
function regions(order: readonly number[], lanesAt: ReadonlyMap<number, number>): number[][] {
  const runs: number[][] = [];
  let open = false;
  for (const column of order) {
    const several = (lanesAt.get(column) ?? 1) > 1;
    if (several && open) runs.at(-1)?.push(column);
    else if (several) runs.push([column]);
    open = several;
  }
  return runs;
}

/** How many items stand in each lane of a region. */
function weigh(region: readonly Item[]): void {
  const lanes = Array.from({ length: Math.max(...region.map(({ lane }) => lane)) + 1 }, () => 0);
  for (const { lane } of region) lanes[lane] = (lanes[lane] ?? 0) + 1;
  for (const entry of region) entry.lanes = lanes;
}
