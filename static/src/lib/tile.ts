/** Draws one map, or one picture, on a canvas at its true pixels; CSS enlarges it with `image-rendering: pixelated`. */

import { byteColours, type Theme } from "./colours";
import type { Tile } from "./maps";
import type { Pair } from "./types";

/** The pixels of a map under a range. */
export function pixels(tile: Tile, theme: Theme, shown: Pair): ImageData {
  const colours = byteColours(tile.kind, theme, tile.own, shown);
  const image = new ImageData(tile.columns, tile.rows);
  const drawn = new Uint32Array(image.data.buffer);
  const { bytes } = tile;
  for (let pixel = 0; pixel < bytes.length; pixel += 1) drawn[pixel] = colours[bytes[pixel] as number] as number;
  return image;
}

/** Draws a map; the canvas takes the map's own size. */
export function drawMap(canvas: HTMLCanvasElement, tile: Tile, theme: Theme, shown: Pair): void {
  drawImage(canvas, pixels(tile, theme, shown));
}

/** Draws a picture of rows × columns × 3 (or 1) bytes. */
export function drawPicture(canvas: HTMLCanvasElement, bytes: Uint8Array, rows: number, columns: number): void {
  const image = new ImageData(columns, rows);
  const channels = bytes.length / (rows * columns);
  for (let pixel = 0; pixel < rows * columns; pixel += 1) {
    for (let channel = 0; channel < 3; channel += 1) {
      image.data[pixel * 4 + channel] = bytes[pixel * channels + Math.min(channel, channels - 1)] ?? 0;
    }
    image.data[pixel * 4 + 3] = 255;
  }
  drawImage(canvas, image);
}

/** Gives a canvas a size in pixels, and says whether that was another: else what is drawn on it stays. */
export function resize(canvas: HTMLCanvasElement, width: number, height: number): boolean {
  if (canvas.width === width && canvas.height === height) return false;
  [canvas.width, canvas.height] = [width, height];
  return true;
}

function drawImage(canvas: HTMLCanvasElement, image: ImageData): void {
  resize(canvas, image.width, image.height);
  canvas.getContext("2d")?.putImageData(image, 0, 0);
}
