/** Which nodes hold one number per class. */

import type { Model, Node } from "../lib/types";

/** Whether a node's units are the network's classes: the last node, or the logits before a softmax that ends it. */
export function isOutput({ card, graph }: Model, node: Node): boolean {
  const last = graph.nodes.at(-1);
  if (!last || node.shape.length !== 1 || node.shape[0] !== card.classes.length) return false;
  const softmax = last.operation === "softmax" || last.operation === "log_softmax";
  return node === last || (softmax && last.inputs[0] === node.name);
}
