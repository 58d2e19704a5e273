/** Strokes on a picture, each of which can be taken back; what a network sees of the picture follows them. */

import type { Placing } from "./crop";

export type Ink = string | CanvasPattern;

/** Makes what the pens paint with, given a picture as it lies below all strokes. */
export type Inks = (context: CanvasRenderingContext2D, base: HTMLCanvasElement) => Record<string, Ink>;

/** What a network sees of a picture, and where in the picture that is. */
export interface Seen {
  base: ImageData;
  placed: Placing;
}

interface Stroke {
  pen: string;
  width: number;
  points: [x: number, y: number][];
}

/** One picture that the strokes are drawn on, placed in some way. */
class Sheet {
  readonly canvas = document.createElement("canvas");
  private readonly context: CanvasRenderingContext2D;
  private readonly inks: Readonly<Record<string, Ink>>;

  constructor(
    readonly base: ImageData,
    inks: Inks,
    placed: Placing = { a: 1, d: 1, e: 0, f: 0 },
  ) {
    const below = document.createElement("canvas");
    below.width = this.canvas.width = base.width;
    below.height = this.canvas.height = base.height;
    below.getContext("2d")?.putImageData(base, 0, 0);
    const context = this.canvas.getContext("2d", { willReadFrequently: true });
    if (!context) throw new Error("No 2D canvas");
    this.context = context;
    context.lineCap = context.lineJoin = "round";
    this.inks = inks(context, below);
    const transform = new DOMMatrix([placed.a, 0, 0, placed.d, placed.e, placed.f]);
    context.setTransform(transform);
    // A pattern lies on the picture, not on the strokes.
    for (const ink of Object.values(this.inks)) {
      if (ink instanceof CanvasPattern) ink.setTransform(transform.inverse());
    }
    this.clear();
  }

  get pixels(): ImageData {
    return this.context.getImageData(0, 0, this.canvas.width, this.canvas.height);
  }

  clear(): void {
    this.context.putImageData(this.base, 0, 0);
  }

  /** Draws a stroke from one of its points on. */
  paint(stroke: Stroke | undefined, from: number): void {
    const ink = this.inks[stroke?.pen ?? ""];
    const [first, ...rest] = stroke?.points.slice(from) ?? [];
    if (!stroke || !first || ink === undefined) return;
    const { context } = this;
    context.strokeStyle = ink;
    context.lineWidth = stroke.width;
    // Piece by piece, so that it looks the same however it came. One of no length, with round ends, is a dot.
    let last = first;
    for (const point of rest.length ? rest : [first]) {
      context.beginPath();
      context.moveTo(...last);
      context.lineTo(...point);
      context.stroke();
      last = point;
    }
  }
}

export class Painting {
  /** How many strokes there are. */
  count = $state(0);
  private readonly sheets: Sheet[];
  private strokes: Stroke[] = [];

  /** Strokes on `base`; `seen` is what the network sees of it, and where. Without it the network sees all as it is. */
  constructor(
    base: ImageData,
    private readonly inks: Inks,
    seen?: Seen,
  ) {
    this.sheets = [new Sheet(base, inks)];
    if (seen) this.see(seen);
  }

  /** What the network sees is another part of the picture now, with the same strokes on it. */
  see({ base, placed }: Seen): void {
    const sheet = new Sheet(base, this.inks, placed);
    for (const stroke of this.strokes) sheet.paint(stroke, 0);
    this.sheets[1] = sheet;
  }

  /** The picture under the hand. */
  get canvas(): HTMLCanvasElement {
    return (this.sheets[0] as Sheet).canvas;
  }

  /** What the network sees of it now, at the network's own pixels. */
  get pixels(): ImageData {
    return (this.sheets.at(-1) as Sheet).pixels;
  }

  /** Puts a pen down at a place, in pixels. */
  begin(pen: string, width: number, x: number, y: number): void {
    this.strokes.push({ pen, width, points: [[x, y]] });
    this.count = this.strokes.length;
    this.paint(this.strokes.at(-1), 0);
  }

  /** Draws the pen on. */
  extend(points: readonly [x: number, y: number][]): void {
    const stroke = this.strokes.at(-1);
    if (!stroke) return;
    const from = stroke.points.length - 1;
    stroke.points.push(...points);
    this.paint(stroke, from);
  }

  undo(): void {
    this.strokes.pop();
    this.repaint();
  }

  clear(): void {
    this.strokes = [];
    this.repaint();
  }

  private repaint(): void {
    this.count = this.strokes.length;
    for (const sheet of this.sheets) sheet.clear();
    for (const stroke of this.strokes) this.paint(stroke, 0);
  }

  private paint(stroke: Stroke | undefined, from: number): void {
    for (const sheet of this.sheets) sheet.paint(stroke, from);
  }
}
