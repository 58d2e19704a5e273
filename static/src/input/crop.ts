/** The square of a picture that a network sees, in the picture's pixels: moved and resized within its edges. */

import { squareOf } from "../lib/framing";
import type { Card } from "../lib/types";

export interface Size {
  width: number;
  height: number;
}

export interface Part {
  left: number;
  top: number;
  side: number;
}

export interface Corner {
  right: boolean;
  bottom: boolean;
}

type Preprocessing = Pick<Card["preprocessing"], "resize" | "crop">;

const SMALLEST = 0.02;
const DIGITS = 4;

const between = (low: number, value: number, high: number): number => Math.min(Math.max(value, low), high);

/** What the network's card says: the middle. */
export function usualPart({ width, height }: Size, { resize, crop }: Preprocessing): Part {
  const side = (Math.min(width, height) * crop) / resize;
  return { left: (width - side) / 2, top: (height - side) / 2, side };
}

/** The square that a framing names, or else the usual one. */
export function partOf(framing: string | null, size: Size, preprocessing: Preprocessing): Part {
  const square = squareOf(framing);
  if (!square) return usualPart(size, preprocessing);
  const [left, top, share] = square;
  return moved({ left: left * size.width, top: top * size.height, side: share * shorter(size) }, 0, 0, size);
}

const shorter = ({ width, height }: Size): number => Math.min(width, height);

export function moved(part: Part, right: number, down: number, { width, height }: Size): Part {
  return {
    ...part,
    left: between(0, part.left + right, width - part.side),
    top: between(0, part.top + down, height - part.side),
  };
}

/** One corner drawn to a place; the opposite one stays. */
export function resized(part: Part, corner: Corner, x: number, y: number, size: Size): Part {
  const fixedX = corner.right ? part.left : part.left + part.side;
  const fixedY = corner.bottom ? part.top : part.top + part.side;
  const room = Math.min(corner.right ? size.width - fixedX : fixedX, corner.bottom ? size.height - fixedY : fixedY);
  const wanted = Math.max(corner.right ? x - fixedX : fixedX - x, corner.bottom ? y - fixedY : fixedY - y);
  const side = between(Math.min(SMALLEST * shorter(size), room), wanted, room);
  return { left: corner.right ? fixedX : fixedX - side, top: corner.bottom ? fixedY : fixedY - side, side };
}

/** Where the network's own pixels lie: x · a + e, y · d + f of a picture's place x, y. */
export interface Placing {
  a: number;
  d: number;
  e: number;
  f: number;
}

/** How a picture of a size gets into the network's square, framed in a way. */
export function placing(framing: string | null, size: Size, preprocessing: Preprocessing): Placing {
  const { crop } = preprocessing;
  if (framing === "stretch") return { a: crop / size.width, d: crop / size.height, e: 0, f: 0 };
  if (framing === "letterbox") {
    const scale = crop / Math.max(size.width, size.height);
    const bar = (length: number): number => (crop - length * scale) / 2;
    return { a: scale, d: scale, e: bar(size.width), f: bar(size.height) };
  }
  const { left, top, side } = partOf(framing, size, preprocessing);
  const scale = crop / side;
  return { a: scale, d: scale, e: -left * scale, f: -top * scale };
}

/** Larger or smaller about its middle. */
export function scaled(part: Part, factor: number, size: Size): Part {
  const side = between(SMALLEST * shorter(size), part.side * factor, shorter(size));
  const by = (part.side - side) / 2;
  return moved({ left: part.left + by, top: part.top + by, side }, 0, 0, size);
}

/** The square as the address has it, rounded so that it never reaches beyond the picture. */
export function written({ left, top, side }: Part, size: Size): string {
  const down = (value: number): number => Math.floor(value * 10 ** DIGITS + 1e-6) / 10 ** DIGITS;
  const share = down(Math.min(1, side / shorter(size)));
  const place = (start: number, length: number): number =>
    down(between(0, start / length, 1 - (share * shorter(size)) / length));
  return [place(left, size.width), place(top, size.height), share].join(",");
}
