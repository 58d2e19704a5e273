/**
 * Framing: how a picture is fitted to the network's square input.
 *
 * In the address and everywhere on the page it is a text: “stretch”, “letterbox”, or the square “left,top,size” in
 * fractions of the picture's width, height and shorter side; null is what the network's card says.
 */

import type { Framing } from "./types";

export type Square = [left: number, top: number, size: number];

export function squareOf(framing: string | null): Square | null {
  const numbers = framing?.split(",").map((part) => (/^(0|1|0?\.\d{1,6}|1\.0{1,6})$/.test(part) ? Number(part) : NaN));
  if (numbers?.length !== 3 || numbers.some(Number.isNaN)) return null;
  return (numbers[2] ?? 0) >= 0.001 ? (numbers as Square) : null;
}

export function parseFraming(text: string): string | undefined {
  return text === "stretch" || text === "letterbox" || squareOf(text) ? text : undefined;
}

/** The field of an ask. */
export function framingOf(framing: string | null): Framing | null {
  if (framing === "stretch" || framing === "letterbox") return { fit: framing };
  const square = squareOf(framing);
  return square && { fit: "crop", left: square[0], top: square[1], size: square[2] };
}

/** The parameters of a picture's address. */
export function framingQuery(framing: string | null): Record<string, string> {
  if (framing === null) return {};
  return framing === "stretch" || framing === "letterbox" ? { fit: framing } : { crop: framing };
}
