/** The drawing of a network, as the server makes it, and the shapes that its boxes have together. */

export type Kind = "input" | "convolution" | "linear" | "pool" | "gate" | "join";
export type Box = readonly [x: number, y: number, width: number, height: number, kind: Kind, node: string];

export interface Drawing {
  width: number;
  height: number;
  top: number;
  boxes: readonly Box[];
  links: readonly string[];
}

export interface Outline {
  macs: number;
  activations: number;
  layers: number;
  drawing: Drawing;
}

export const KINDS: readonly Kind[] = ["input", "pool", "gate", "join", "convolution", "linear"];

/** All boxes of one kind as one path: hundreds of them cost as much as one. */
export function pathOf(boxes: readonly Box[], kind: Kind): string {
  return boxes
    .filter((box) => box[4] === kind)
    .map(([x, y, width, height]) => `M${x} ${y}h${width}v${height}h${-width}z`)
    .join("");
}

/** The box at a point, or the nearest one within `reach`. */
export function boxAt(boxes: readonly Box[], x: number, y: number, reach: number): Box | undefined {
  const far = ([left, top, width, height]: Box): number =>
    Math.hypot(Math.max(left - x, 0, x - left - width), Math.max(top - y, 0, y - top - height));
  const near = boxes.filter((box) => far(box) <= reach);
  return near.sort((one, other) => far(one) - far(other))[0];
}
