/** The fallback: each map enlarged pixel by pixel and put on the canvas, which lies in main memory. */

import { pixels } from "../lib/tile";
import type { Theme } from "../lib/colours";
import { drawnSide, reduced } from "./reduce";
import type { Placement, TileCanvas } from "./tiles";

const MOST_KEPT = 1000;

export class FlatTiles implements TileCanvas {
  readonly kind = "2d";
  private readonly context: CanvasRenderingContext2D | null;
  private readonly pictures = new Map<string, ImageData>();
  private ratio = 1;

  constructor(private readonly canvas: HTMLCanvasElement) {
    this.context = canvas.getContext("2d", { willReadFrequently: true });
  }

  resize(width: number, height: number, ratio: number): void {
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(height * ratio);
    this.ratio = ratio;
  }

  draw(placements: readonly Placement[], theme: Theme): void {
    const { context, ratio } = this;
    if (!context) return;
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    for (const placement of placements) {
      const box = Math.round(placement.side * ratio);
      const side = drawnSide(Math.max(placement.tile.rows, placement.tile.columns), box);
      const margin = Math.floor((box - side) / 2);
      const [x, y] = [Math.round(placement.x * ratio) + margin, Math.round(placement.y * ratio) + margin];
      context.putImageData(this.picture(placement, theme, side), x, y);
    }
  }

  dispose(): void {
    this.pictures.clear();
  }

  private picture({ tile, key, shown, alpha }: Placement, theme: Theme, side: number): ImageData {
    const name = `${key} ${theme} ${shown.join()} ${side} ${alpha}`;
    let picture = this.pictures.get(name);
    if (!picture) {
      const small = reduced(tile, Math.min(tile.rows, side), Math.min(tile.columns, side));
      picture = enlarged(pixels(small, theme, shown), side, alpha);
      if (this.pictures.size >= MOST_KEPT) this.pictures.clear();
      this.pictures.set(name, picture);
    }
    return picture;
  }
}

/** A picture as a square of a number of pixels a side, each of them that of its place. A canvas for each would cost more. */
function enlarged(picture: ImageData, side: number, alpha: number): ImageData {
  const result = new ImageData(side, side);
  const [from, to] = [new Uint32Array(picture.data.buffer), new Uint32Array(result.data.buffer)];
  const place = (index: number, count: number): number => Math.floor(((index + 0.5) * count) / side);
  const columns = Array.from({ length: side }, (_, x) => place(x, picture.width));
  for (let y = 0, before = -1; y < side; y += 1) {
    const row = place(y, picture.height);
    if (row === before) to.copyWithin(y * side, (y - 1) * side, y * side);
    else for (let x = 0; x < side; x += 1) to[y * side + x] = from[row * picture.width + (columns[x] ?? 0)] ?? 0;
    before = row;
  }
  if (alpha < 1)
    for (let index = 3; index < result.data.length; index += 4) result.data[index] = Math.round(255 * alpha);
  return result;
}
