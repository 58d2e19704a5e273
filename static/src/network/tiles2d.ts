/** The fallback: each map as a small picture, put on the canvas without smoothing. */

import { pixels } from "../lib/tile";
import type { Theme } from "../lib/colours";
import { drawnSide, reduced } from "./reduce";
import type { Placement, TileCanvas } from "./tiles";

const MOST_KEPT = 2000;

export class FlatTiles implements TileCanvas {
  readonly kind = "2d";
  private readonly context: CanvasRenderingContext2D | null;
  private readonly pictures = new Map<string, HTMLCanvasElement>();
  private ratio = 1;

  constructor(private readonly canvas: HTMLCanvasElement) {
    this.context = canvas.getContext("2d");
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
    context.imageSmoothingEnabled = false;
    for (const placement of placements) {
      const box = Math.round(placement.side * ratio);
      const side = drawnSide(Math.max(placement.tile.rows, placement.tile.columns), box);
      const margin = Math.floor((box - side) / 2);
      context.globalAlpha = placement.alpha;
      const [x, y] = [Math.round(placement.x * ratio) + margin, Math.round(placement.y * ratio) + margin];
      context.drawImage(this.picture(placement, theme, side), x, y, side, side);
    }
    context.globalAlpha = 1;
  }

  dispose(): void {
    this.pictures.clear();
  }

  private picture({ tile, key, shown }: Placement, theme: Theme, side: number): HTMLCanvasElement {
    const name = `${key} ${theme} ${shown.join()} ${side}`;
    let picture = this.pictures.get(name);
    if (!picture) {
      const small = reduced(tile, Math.min(tile.rows, side), Math.min(tile.columns, side));
      const image = pixels(small, theme, shown);
      picture = document.createElement("canvas");
      [picture.width, picture.height] = [image.width, image.height];
      picture.getContext("2d")?.putImageData(image, 0, 0);
      if (this.pictures.size >= MOST_KEPT) this.pictures.clear();
      this.pictures.set(name, picture);
    }
    return picture;
  }
}
