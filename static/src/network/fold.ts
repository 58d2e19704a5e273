/**
 * From the traced graph to what is drawn: blocks of layers, folded or open, and the columns in which they stand.
 *
 * The tree of blocks follows the names of the modules. A long chain without names of its own is divided where the maps
 * shrink. Nodes that only pass their values on (dropout, flatten) are left out, and their readers read what they read.
 */

import type { Node } from "../lib/types";

export interface Block {
  id: string;
  label: string;
  children: (Block | Node)[];
  /** All call sites inside, in order of computation. */
  nodes: Node[];
}

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
  /** Ids of the items that it reads. */
  inputs: string[];
}

const PASSES_ON = new Set(["dropout", "identity", "flatten", "reshape", "squeeze", "unsqueeze"]);

/** A chain with more members than this is divided by resolution. */
const LONG_CHAIN = 16;

/** A block of one or two layers hides more than it tells. */
const SMALLEST_BLOCK = 3;

export const isBlock = (child: Block | Node): child is Block => "children" in child;
export const passesOn = (node: Node): boolean => PASSES_ON.has(node.operation);

const idOf = (child: Block | Node): string => (isBlock(child) ? child.id : child.name);
const shown = (block: Block): Node[] => block.nodes.filter((node) => !passesOn(node));

/** The tree of blocks; its root, with an empty id, is the network. */
export function tree(nodes: readonly Node[]): Block {
  const root: Block = { id: "", label: "", children: [], nodes: [...nodes] };
  const blocks = new Map<string, Block>([["", root]]);
  for (const node of nodes) {
    let parent = root;
    node.path.forEach((part, depth) => {
      const id = node.path.slice(0, depth + 1).join(".");
      let block = blocks.get(id);
      if (!block) {
        block = { id, label: part, children: [], nodes: [] };
        blocks.set(id, block);
        parent.children.push(block);
      }
      block.nodes.push(node);
      parent = block;
    });
    parent.children.push(node);
  }
  return divided(root);
}

/** Dissolves blocks that are too small to fold, and divides chains that are too long to be seen. */
function divided(block: Block): Block {
  const children = block.children.flatMap((child): (Block | Node)[] => {
    if (!isBlock(child)) return [child];
    const inner = divided(child);
    return shown(inner).length < SMALLEST_BLOCK ? inner.nodes : [inner];
  });
  const long = children.filter((child) => !isBlock(child)).length > LONG_CHAIN;
  return { ...block, children: long ? byResolution(block, children) : children };
}

/** Runs of a chain's layers that end where a pool halves the maps, or before another layer that does. */
function byResolution(parent: Block, children: (Block | Node)[]): (Block | Node)[] {
  const runs: (Block | Node)[][] = [[]];
  let size = Number.POSITIVE_INFINITY;
  for (const child of children) {
    const node = isBlock(child) ? child.nodes.at(-1) : child;
    const side = node?.shape[1] ?? 0;
    const shrinks = side < size && Number.isFinite(size) && side > 0;
    const run = runs.at(-1);
    if (shrinks && node?.operation.includes("pool")) {
      run?.push(child);
      runs.push([]);
    } else if (shrinks && run?.length) runs.push([child]);
    else run?.push(child);
    size = side;
  }
  const filled = runs.filter((run) => run.length > 0);
  return filled.length < 2 ? children : filled.flatMap((run, index) => asBlock(parent, run, index));
}

function asBlock(parent: Block, run: (Block | Node)[], index: number): (Block | Node)[] {
  const nodes = run.flatMap((child) => (isBlock(child) ? child.nodes : [child]));
  const visible = nodes.filter((node) => !passesOn(node));
  // The input is never hidden in a block.
  if (visible.length < SMALLEST_BLOCK || nodes.some((node) => node.inputs.length === 0)) return run;
  const [first, last] = [nodes[0]?.name.split(".").at(-1) ?? "", nodes.at(-1)?.name.split(".").at(-1) ?? ""];
  const prefix = parent.id ? `${parent.id}.` : "";
  return [{ id: `${prefix}${index}:`, label: `${prefix}${first}–${last}`, children: run, nodes }];
}

/** The blocks that are open before anybody chose: those that hold more than half of the network, and so sum up nothing. */
export function initiallyOpen(root: Block): string[] {
  const half = root.nodes.length / 2;
  const blocks = root.children.filter(isBlock).filter((block) => block.nodes.length > half);
  return blocks.flatMap((block) => [block.id, ...initiallyOpen({ ...block, nodes: root.nodes })]);
}

/** What is drawn with these blocks open, in order of computation, each in its column. */
export function items(root: Block, open: readonly string[]): Item[] {
  const list: Item[] = [];
  const walk = (block: Block, within: readonly string[]): void => {
    for (const child of block.children) {
      if (isBlock(child) && open.includes(child.id)) walk(child, [...within, child.id]);
      else if (isBlock(child)) list.push(item(child.id, shortened(child, within), output(child), child, within));
      else if (!passesOn(child)) list.push(item(child.name, shortened(child, within), child, null, within));
    }
  };
  walk(root, []);
  return placed(list, root.nodes);
}

const item = (id: string, label: string, node: Node, block: Block | null, within: readonly string[]): Item => ({
  id,
  label,
  node,
  block,
  within,
  column: 0,
  inputs: [],
});

/** Its name without that of the open block that is written above it. */
function shortened(child: Block | Node, within: readonly string[]): string {
  const name = isBlock(child) ? (child.id.endsWith(":") ? child.label : child.id) : child.name;
  const named = within.filter((id) => !id.endsWith(":") && name.startsWith(`${id}.`));
  const outer = named.at(-1);
  return outer === undefined ? name : name.slice(outer.length + 1);
}

/** The last node of a block that has a picture to show. */
function output(block: Block): Node {
  return (shown(block).at(-1) ?? block.nodes.at(-1)) as Node;
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
function placed(list: Item[], nodes: readonly Node[]): Item[] {
  const stands = standsFor(list, nodes);
  const byId = new Map(list.map((entry, index) => [entry.id, { entry, index }]));
  for (const [index, entry] of list.entries()) {
    const names = (entry.block?.nodes ?? [entry.node]).flatMap((node) => node.inputs);
    const ids = names.map((name) => stands.get(name)).filter((id) => id !== undefined && id !== entry.id);
    entry.inputs = [...new Set(ids as string[])];
    const before = entry.inputs.map((id) => byId.get(id)).filter((known) => known !== undefined && known.index < index);
    entry.column = Math.max(-1, ...before.map((known) => known?.entry.column ?? -1)) + 1;
  }
  return list;
}

/** Opens or closes a block; closing also closes what is inside. */
export function toggled(open: readonly string[], root: Block, id: string): string[] {
  if (!open.includes(id)) return [...open, id];
  const inside = new Set([id, ...descendants(find(root, id))]);
  return open.filter((other) => !inside.has(other));
}

function find(block: Block, id: string): Block | undefined {
  if (block.id === id) return block;
  for (const child of block.children.filter(isBlock)) {
    const found = find(child, id);
    if (found) return found;
  }
  return undefined;
}

function descendants(block: Block | undefined): string[] {
  return (block?.children ?? []).filter(isBlock).flatMap((child) => [idOf(child), ...descendants(child)]);
}

/** The blocks that must be open for a node to stand for itself, outermost first. */
export function blocksAround(root: Block, node: string): string[] {
  const inner = root.children.filter(isBlock).find((block) => block.nodes.some(({ name }) => name === node));
  return inner ? [inner.id, ...blocksAround(inner, node)] : [];
}
