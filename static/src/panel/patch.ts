/** A part of what went back to the pixels, as a picture. */

import type { Matrix } from "./assemble";
import type { Box } from "./field";

/** The byte that means zero. */
const ZERO = 128;

/**
 * The box of an array of channels × rows × columns as rows × columns × colours: grey is zero, and what is largest in
 * size reaches black or white.
 */
export function cut({ shape, data, step }: Matrix, { top, left, bottom, right }: Box): Matrix {
  const [channels = 1, rows = 1, columns = 1] = shape;
  const [height, width] = [bottom - top + 1, right - left + 1];
  const parts = new Float32Array(height * width * 3);
  let most = 1e-12;
  for (let pixel = 0; pixel < height * width; pixel += 1) {
    const at = (top + Math.floor(pixel / width)) * columns + left + (pixel % width);
    for (let colour = 0; colour < 3; colour += 1) {
      const byte = data[Math.min(colour, channels - 1) * rows * columns + at] ?? 0;
      const part = byte === 0 ? 0 : byte - ZERO;
      parts[pixel * 3 + colour] = part;
      most = Math.max(most, Math.abs(part));
    }
  }
  const picture = parts.map((part) => 0.5 + part / (2 * most));
  return { shape: [height, width, 3], axes: ["row", "column", "colour"], kind: "picture", step, data: picture };
}
