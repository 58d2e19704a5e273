/** Values as pixels on a canvas, all of them or as many as have been computed. */

import { colourTable, ENTRIES, NOT_FINITE, position, type Theme } from "../lib/colours";
import type { Kind, Pair } from "../lib/types";

/** The pixels of values in C order. */
export function imageOf(
  values: ArrayLike<number>,
  columns: number,
  kind: Exclude<Kind, "picture">,
  theme: Theme,
  range: Pair,
): ImageData {
  const table = colourTable(kind, theme);
  const image = new ImageData(columns, values.length / columns);
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index] ?? Number.NaN;
    const entry = Math.round(position(value, kind, range) * (ENTRIES - 1)) * 3;
    const colour = Number.isFinite(value) ? table.subarray(entry, entry + 3) : NOT_FINITE[theme];
    image.data.set(colour, index * 4);
    image.data[index * 4 + 3] = 255;
  }
  return image;
}

/** Puts the first pixels of an image on a canvas of its size, row by row; the others stay empty. */
export function paint(canvas: HTMLCanvasElement, image: ImageData | null, painted = Infinity): void {
  const context = canvas.getContext("2d");
  if (!context) return;
  context.clearRect(0, 0, canvas.width, canvas.height);
  if (!image) return;
  const { width, height } = image;
  const full = Math.min(Math.floor(painted / width), height);
  if (full) context.putImageData(image, 0, 0, 0, 0, width, full);
  if (full < height) context.putImageData(image, 0, 0, 0, full, painted % width, 1);
}
