/**
 * From the traced graph to blocks of layers that fold.
 *
 * The tree follows the names of the modules. A long chain without names of its own is divided where the maps shrink; what
 * would sum up nothing, or read what reads it, is no block.
 */

import type { Node } from "../lib/types";
import { passesOn } from "./record";

export interface Block {
  id: string;
  label: string;
  children: (Block | Node)[];
  /** All call sites inside, in order of computation. */
  nodes: Node[];
}

/** The whole network: the root of its blocks, and the nodes that only pass their values on, which are not drawn. */
export interface Tree extends Block {
  byName: ReadonlyMap<string, Node>;
  hidden: ReadonlySet<string>;
}

/** A chain with more members than this is divided by resolution. */
const LONG_CHAIN = 16;

/** A block of one or two layers hides more than it tells. */
const SMALLEST_BLOCK = 3;

/** A network that shows more columns than this before anybody chose is folded further. */
const MOST_COLUMNS = 18;

export const isBlock = (child: Block | Node): child is Block => "children" in child;
export const nodesOf = (child: Block | Node): Node[] => (isBlock(child) ? child.nodes : [child]);

export const NOTHING: Tree = { id: "", label: "", children: [], nodes: [], byName: new Map(), hidden: new Set() };

/** The tree of blocks; its root, with an empty id, is the network. */
export function tree(nodes: readonly Node[]): Tree {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const hidden = new Set(nodes.filter((node) => passesOn(node, byName)).map(({ name }) => name));
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
  return { ...divided(root, { ...root, byName, hidden }), byName, hidden };
}

/** Dissolves blocks that cannot be folded, and divides chains that are too long to be seen. */
function divided(block: Block, whole: Tree): Block {
  const children = block.children.flatMap((child): (Block | Node)[] => {
    if (!isBlock(child)) return [child];
    const inner = divided(child, whole);
    const seen = inner.nodes.filter(({ name }) => !whole.hidden.has(name));
    if (seen.length < SMALLEST_BLOCK) return inner.nodes;
    return isConvex(inner, whole) ? [inner] : inner.children;
  });
  const ordered = inOrder(children, whole);
  const long = ordered.filter((child) => !isBlock(child)).length > LONG_CHAIN;
  return { ...block, children: long ? byResolution(block, ordered, whole) : ordered };
}

/** By the last node inside: whatever a block reads stands before it. */
function inOrder(children: (Block | Node)[], { nodes }: Block): (Block | Node)[] {
  const places = new Map(nodes.map(({ name }, index) => [name, index]));
  const last = (child: Block | Node): number => places.get(nodesOf(child).at(-1)?.name ?? "") ?? 0;
  return [...children].sort((one, other) => last(one) - last(other));
}

/** Whether nothing outside of a block stands between two nodes inside: else, folded, it would read what reads it. */
function isConvex({ nodes }: Block, whole: Tree): boolean {
  const inside = new Set(nodes.map(({ name }) => name));
  const after = new Set<string>();
  for (const { name, inputs } of whole.nodes) {
    const follows = inputs.some((input) => after.has(input) || inside.has(input));
    if (inside.has(name)) {
      if (inputs.some((input) => after.has(input))) return false;
    } else if (follows) after.add(name);
  }
  return true;
}

/** Runs of a chain's layers that end where a pool halves the maps, or before another layer that does. */
function byResolution(parent: Block, children: (Block | Node)[], whole: Tree): (Block | Node)[] {
  const runs: (Block | Node)[][] = [[]];
  let size = Number.POSITIVE_INFINITY;
  for (const child of children) {
    const node = nodesOf(child).at(-1);
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
  return filled.length < 2 ? children : filled.flatMap((run, index) => asBlock(parent, run, index, whole));
}

function asBlock(parent: Block, run: (Block | Node)[], index: number, { hidden }: Tree): (Block | Node)[] {
  const nodes = run.flatMap(nodesOf);
  const seen = nodes.filter(({ name }) => !hidden.has(name));
  // The input is never hidden in a block.
  if (seen.length < SMALLEST_BLOCK || nodes.some((node) => node.inputs.length === 0)) return run;
  const [first, last] = [nodes[0]?.name.split(".").at(-1) ?? "", nodes.at(-1)?.name.split(".").at(-1) ?? ""];
  const prefix = parent.id ? `${parent.id}.` : "";
  return [{ id: `${prefix}${index}:`, label: `${prefix}${first}–${last}`, children: run, nodes }];
}

/** The blocks that are open before anybody chose: those that hold more than half of the network, while few columns come of it. */
export function initiallyOpen(root: Tree): string[] {
  const open: string[] = [];
  let columns = root.children.length;
  let block: Block | undefined = root;
  while (block) {
    block = block.children.filter(isBlock).find(({ nodes }) => nodes.length > root.nodes.length / 2);
    columns += (block?.children.length ?? 0) - 1;
    if (!block || columns > MOST_COLUMNS) break;
    open.push(block.id);
  }
  return open;
}

/** Opens or closes a block; closing also closes what is inside. */
export function toggled(open: readonly string[], root: Block, id: string): string[] {
  if (!open.includes(id)) return [...open, id];
  const inside = new Set([id, ...blocksIn(find(root, id))]);
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

/** All blocks inside of one, at every depth. */
export function blocksIn(block: Block | undefined): string[] {
  return (block?.children ?? []).filter(isBlock).flatMap((child) => [child.id, ...blocksIn(child)]);
}

/** The blocks that must be open for a node to stand for itself, outermost first. */
export function blocksAround(root: Block, node: string): string[] {
  const inner = root.children.filter(isBlock).find((block) => block.nodes.some(({ name }) => name === node));
  return inner ? [inner.id, ...blocksAround(inner, node)] : [];
}
