/** Stage mode: how much larger text and lines are on a projection. */

import { innerHeight, innerWidth } from "svelte/reactivity/window";
import { selection } from "./selection.svelte";

const LEAST = 1.6;
/** On a projection of this size the least text, of 12 pixels, is 20 pixels high. */
const FULL = 1.7;
const WIDTH = 1920;
const HEIGHT = 1080;

/** The scale for a window: everything keeps its share of the projection, and is never small. */
export function stageScale(width: number, height: number): number {
  const scale = FULL * Math.min(width / WIDTH, height / HEIGHT);
  return Math.max(Math.round(scale * 20) / 20, LEAST);
}

/** By how much text is larger than usual, and lines are thicker; 1 outside of stage mode. The style sheets' `--scale`. */
export function scale(): number {
  return selection.stage ? stageScale(innerWidth.current ?? WIDTH, innerHeight.current ?? HEIGHT) : 1;
}

/** Pixels of the screen in a CSS pixel of the page: canvases are drawn with so many. */
export function pixelRatio(): number {
  return devicePixelRatio * scale();
}
