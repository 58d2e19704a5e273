/** The fallback: each map enlarged pixel by pixel and put on the canvas, which lies in main memory. */

import { byteColours, colourOf, type Theme } from "../lib/colours";
import { valueOfByte } from "../lib/frame";
import type { Tile } from "../lib/maps";
import { resize } from "../lib/tile";
import { drawnBox, reduced } from "./reduce";
import type { Placement, TileCanvas } from "./tiles";

const MOST_KEPT = 1000;

type Size = Pick<Placement, "width" | "height">;
type Box = Pick<Placement, "x" | "y"> & Size;

/** What is on the canvas, or is to be, at a place. */
interface Drawn {
  placement: Placement;
  box: Box;
  /** Changes when its pixels do. */
  name: string;
}

export class FlatTiles implements TileCanvas {
  readonly kind = "2d";
  private readonly context: CanvasRenderingContext2D | null;
  private readonly pictures = new Map<string, ImageData>();
  private drawn = new Map<string, Drawn>();
  private ratio = 1;

  constructor(private readonly canvas: HTMLCanvasElement) {
    this.context = canvas.getContext("2d", { willReadFrequently: true });
  }

  resize(width: number, height: number, ratio: number): void {
    if (resize(this.canvas, Math.round(width * ratio), Math.round(height * ratio))) this.drawn.clear();
    this.ratio = ratio;
  }

  /** Draws what has changed; all of it where something has gone or moved. */
  draw(placements: readonly Placement[], theme: Theme): void {
    const { context, canvas, drawn } = this;
    if (!context) return;
    const wanted = new Map(placements.map((placement) => this.wanted(placement, theme)));
    const stay = [...drawn].every(([place, { box }]) => sameSize(wanted.get(place)?.box, box));
    if (!stay) context.clearRect(0, 0, canvas.width, canvas.height);
    for (const [place, one] of wanted) {
      if (!stay || drawn.get(place)?.name !== one.name) this.put(context, one, theme);
    }
    this.drawn = wanted;
  }

  private wanted(placement: Placement, theme: Theme): [place: string, drawn: Drawn] {
    const { tile, key, shown, alpha } = placement;
    const box = drawnBox(tile, placement, this.ratio);
    const name = `${key} ${theme} ${shown[0]} ${shown[1]} ${box.width} ${box.height} ${alpha}`;
    return [`${box.x} ${box.y}`, { placement, box, name }];
  }

  private put(context: CanvasRenderingContext2D, one: Drawn, theme: Theme): void {
    const { tile, shown, alpha } = one.placement;
    const { x, y, width, height } = one.box;
    if (tile.bytes.length > 1) {
      context.putImageData(this.picture(one, theme), x, y);
      return;
    }
    // A single value: many of them are drawn sooner without pixels of their own.
    context.clearRect(x, y, width, height);
    context.globalAlpha = alpha;
    context.fillStyle = colourOf(valueOfByte(tile.bytes[0] ?? 0, ...tile.own), tile.kind, theme, shown);
    context.fillRect(x, y, width, height);
    context.globalAlpha = 1;
  }

  dispose(): void {
    this.pictures.clear();
    this.drawn.clear();
  }

  private picture({ placement: { tile, shown, alpha }, box, name }: Drawn, theme: Theme): ImageData {
    let picture = this.pictures.get(name);
    if (!picture) {
      const small = reduced(tile, Math.min(tile.rows, box.height), Math.min(tile.columns, box.width));
      picture = enlarged(small, byteColours(tile.kind, theme, tile.own, shown), box, alpha);
      if (this.pictures.size >= MOST_KEPT) this.pictures.clear();
      this.pictures.set(name, picture);
    }
    return picture;
  }
}

const sameSize = (one: Size | undefined, other: Size): boolean =>
  one?.width === other.width && one.height === other.height;

/** A map in a box of so many pixels, each of them coloured as that of its place. A canvas for each would cost more. */
function enlarged(
  { bytes, rows, columns }: Tile,
  colours: Uint32Array,
  { width, height }: Size,
  alpha: number,
): ImageData {
  const result = new ImageData(width, height);
  const to = new Uint32Array(result.data.buffer);
  const [down, across] = [places(height, rows), places(width, columns)];
  for (let y = 0, before = -1; y < height; y += 1) {
    const row = down[y] as number;
    if (row === before) to.copyWithin(y * width, (y - 1) * width, y * width);
    else {
      const [from, start] = [row * columns, y * width];
      for (let x = 0; x < width; x += 1)
        to[start + x] = colours[bytes[from + (across[x] as number)] as number] as number;
    }
    before = row;
  }
  if (alpha < 1)
    for (let index = 3; index < result.data.length; index += 4) result.data[index] = Math.round(255 * alpha);
  return result;
}

/** Which of `count` rows or columns lies at each of so many pixels. */
function places(side: number, count: number): Uint16Array {
  const found = new Uint16Array(side);
  for (let at = 0; at < side; at += 1) found[at] = Math.floor(((at + 0.5) * count) / side);
  return found;
}
