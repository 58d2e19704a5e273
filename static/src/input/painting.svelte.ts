/** Strokes on a picture at the network's own pixels, each of which can be taken back. */

export type Ink = string | CanvasPattern;

interface Stroke {
  pen: string;
  width: number;
  points: [x: number, y: number][];
}

export class Painting {
  readonly canvas = document.createElement("canvas");
  /** How many strokes there are. */
  count = $state(0);

  private readonly context: CanvasRenderingContext2D;
  private strokes: Stroke[] = [];
  private readonly inks: Readonly<Record<string, Ink>>;

  /** `inks` makes what the pens paint with, given the base as it lies below all strokes. */
  constructor(
    readonly base: ImageData,
    inks: (context: CanvasRenderingContext2D, base: HTMLCanvasElement) => Record<string, Ink>,
  ) {
    this.canvas.width = base.width;
    this.canvas.height = base.height;
    const context = this.canvas.getContext("2d", { willReadFrequently: true });
    if (!context) throw new Error("No 2D canvas");
    this.context = context;
    context.lineCap = context.lineJoin = "round";
    const below = document.createElement("canvas");
    below.width = base.width;
    below.height = base.height;
    below.getContext("2d")?.putImageData(base, 0, 0);
    this.inks = inks(context, below);
    this.repaint();
  }

  /** The picture as it is now. */
  get pixels(): ImageData {
    return this.context.getImageData(0, 0, this.canvas.width, this.canvas.height);
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
    this.context.putImageData(this.base, 0, 0);
    for (const stroke of this.strokes) this.paint(stroke, 0);
  }

  private paint(stroke: Stroke | undefined, from: number): void {
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
