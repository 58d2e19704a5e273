/** The panel's charts and maps as SVG files, in the colours that the page has now. */

import { theme } from "../lib/theme.svelte";
import type { Kind, Pair } from "../lib/types";
import { bars, curve, extent } from "./chart";
import { value } from "./numbers";
import { legend, palette } from "./palette";
import { chart, map } from "./svg";

const [WIDTH, HEIGHT] = [480, 160];

/** A histogram over its range. */
export function histogramDrawing(title: string, edges: readonly number[], counts: readonly number[]): string {
  const marks = bars(edges, counts, WIDTH, HEIGHT)
    .map(({ x, y, width, height }) => `<rect x="${x}" y="${y}" width="${width}" height="${height}"/>`)
    .join("");
  const [low, high] = [edges[0] ?? 0, edges.at(-1) ?? 0];
  const scale = Math.max(Math.abs(low), Math.abs(high));
  const below = [value(low, scale, 3), value(high, scale, 3)] as const;
  return chart({ title, width: WIDTH, height: HEIGHT, marks, below }, palette());
}

/** A curve over its steps. */
export function curveDrawing(title: string, values: readonly number[], at: readonly number[], steps: number): string {
  const colours = palette();
  const line = curve(values, at, steps, WIDTH, HEIGHT);
  const marks = `<path d="${line}" fill="none" stroke="${colours.mark}" stroke-width="2"/>`;
  const [low, high] = extent(values);
  const beside = [value(high), value(low, high)] as const;
  return chart({ title, width: WIDTH, height: HEIGHT, marks, below: ["0", String(steps)], beside }, colours);
}

/** A map as it is drawn, with the scale of its colours. */
export function mapDrawing(
  title: string,
  canvas: HTMLCanvasElement,
  kind: Exclude<Kind, "picture">,
  range: Pair,
): string {
  const picture = { address: canvas.toDataURL("image/png"), rows: canvas.height, columns: canvas.width };
  return map(title, picture, legend(kind, theme(), range), palette());
}
