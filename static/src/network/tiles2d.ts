/** The fallback: each map enlarged pixel by pixel and put on the canvas, which lies in main memory. */

import { pixels, resize } from "../lib/tile";
import type { Theme } from "../lib/colours";
import { drawnBox, reduced } from "./reduce";
import type { Placement, TileCanvas } from "./tiles";

const MOST_KEPT = 1000;

type Size = Pick<Placement, "width" | "height">;

export class FlatTiles implements TileCanvas {
  readonly kind = "2d";
  private readonly context: CanvasRenderingContext2D | null;
  private readonly pictures = new Map<string, ImageData>();
  private ratio = 1;

  constructor(private readonly canvas: HTMLCanvasElement) {
    this.context = canvas.getContext("2d", { willReadFrequently: true });
  }

  resize(width: number, height: number, ratio: number): void {
    resize(this.canvas, Math.round(width * ratio), Math.round(height * ratio));
    this.ratio = ratio;
  }

  draw(placements: readonly Placement[], theme: Theme): void {
    const { context, ratio } = this;
    if (!context) return;
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    for (const placement of placements) {
      const box = drawnBox(placement.tile, placement, ratio);
      context.putImageData(this.picture(placement, theme, box), box.x, box.y);
    }
  }

  dispose(): void {
    this.pictures.clear();
  }

  private picture({ tile, key, shown, alpha }: Placement, theme: Theme, box: Size): ImageData {
    const name = `${key} ${theme} ${shown.join()} ${box.width} ${box.height} ${alpha}`;
    let picture = this.pictures.get(name);
    if (!picture) {
      const small = reduced(tile, Math.min(tile.rows, box.height), Math.min(tile.columns, box.width));
      picture = enlarged(pixels(small, theme, shown), box, alpha);
      if (this.pictures.size >= MOST_KEPT) this.pictures.clear();
      this.pictures.set(name, picture);
    }
    return picture;
  }
}

/** A picture in a box of so many pixels, each of them that of its place. A canvas for each would cost more. */
function enlarged(picture: ImageData, { width, height }: Size, alpha: number): ImageData {
  const result = new ImageData(width, height);
  const [from, to] = [new Uint32Array(picture.data.buffer), new Uint32Array(result.data.buffer)];
  const place = (index: number, side: number, count: number): number => Math.floor(((index + 0.5) * count) / side);
  const columns = Array.from({ length: width }, (_, x) => place(x, width, picture.width));
  for (let y = 0, before = -1; y < height; y += 1) {
    const row = place(y, height, picture.height);
    if (row === before) to.copyWithin(y * width, (y - 1) * width, y * width);
    else for (let x = 0; x < width; x += 1) to[y * width + x] = from[row * picture.width + (columns[x] ?? 0)] ?? 0;
    before = row;
  }
  if (alpha < 1)
    for (let index = 3; index < result.data.length; index += 4) result.data[index] = Math.round(255 * alpha);
  return result;
}
