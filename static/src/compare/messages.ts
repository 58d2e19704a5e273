/** What the two halves of a comparison and the page around them say to each other. */

import type { Node, State } from "../lib/types";
import type { View } from "../lib/view";

/** What the halves have in common: the picture, or the network. */
export type Same = "image" | "model";

/** Where a node stands in its network: what corresponds to it in another one is told by that. */
export interface Spot {
  operation: string;
  /** From 0, the input, to 1, the answer. */
  depth: number;
}

export type FromHalf =
  | { kind: "view"; view: View; spot: Spot | null; echo: boolean }
  | { kind: "scroll"; left: number; top: number }
  | { kind: "state"; state: State };

export type ToHalf =
  | { kind: "follow"; view: View; spot: Spot | null; same: Same }
  | { kind: "look"; theme: View["theme"]; lang: View["lang"] }
  | { kind: "scroll"; left: number; top: number };

export function spotOf(nodes: readonly Node[], name: string | null): Spot | null {
  const index = nodes.findIndex((node) => node.name === name);
  const node = nodes[index];
  return node ? { operation: node.operation, depth: index / Math.max(nodes.length - 1, 1) } : null;
}

/** The node of a network that corresponds best: the same operation nearest to the same depth; else the nearest. */
export function counterpart(nodes: readonly Node[], spot: Spot): string | null {
  const depth = (node: Node): number => nodes.indexOf(node) / Math.max(nodes.length - 1, 1);
  const alike = nodes.filter(({ operation }) => operation === spot.operation);
  const nearest = [...(alike.length ? alike : nodes)].sort(
    (one, other) => Math.abs(depth(one) - spot.depth) - Math.abs(depth(other) - spot.depth),
  );
  return nearest[0]?.name ?? null;
}

/** How a view changes when it follows another one's. */
export function followed(own: View, nodes: readonly Node[], other: View, spot: Spot | null, same: Same): View {
  const shared = { range: other.range, zoom: other.zoom, why: other.why, opacity: other.opacity };
  const common = same === "model" ? { model: other.model } : { image: other.image, framing: other.framing };
  if (other.model === own.model || same === "model") {
    const { node, unit, at, open, target, layer, region } = other;
    return { ...own, ...shared, ...common, node, unit, at, open, target, layer, region };
  }
  // A unit of one network is nothing in another: only layers correspond.
  const node = spot ? counterpart(nodes, spot) : null;
  const kept = node === own.node ? {} : { unit: null, at: null };
  return { ...own, ...shared, ...common, node, ...kept };
}
