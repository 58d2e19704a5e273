/** How the names over the columns are written: side by side where they fit, else aslant; with shapes where these fit too. */

import type { Item } from "./fold";
import { CHARACTER, SHAPE_CHARACTER, wrapped } from "./names";

export interface Headings {
  height: number;
  /** Names are written aslant, and shapes left out, where they would not fit side by side. */
  aslant: boolean;
  shapes: boolean;
}

const LINE = 17;
const SHAPE_LINE = 16;
const PADDING = 12;
const MOST_ASLANT = 112;
/** The sine of the slant. */
const SLANT = 0.58;

const shapeText = ({ node }: Item): string => node.shape.join(" × ");

/** Whether texts that are centred in columns of this width stay apart from their neighbours. */
function sideBySide(texts: readonly string[], character: number, width: number): boolean {
  return texts.every((text, index) => ((text.length + (texts[index + 1]?.length ?? 0)) / 2) * character + 6 < width);
}

export function headings(items: readonly Item[], columnPitch: number, answer: boolean): Headings {
  const upper = items.filter(({ lane }) => lane === 0);
  const lines = upper.map(({ label }) => wrapped(label, columnPitch) ?? [label]);
  const longest = lines.map((line) => line.reduce((one, other) => (other.length > one.length ? other : one)));
  if (!sideBySide(longest, CHARACTER, columnPitch)) {
    const most = Math.max(...upper.map(({ label }) => label.length));
    return { height: Math.min(24 + most * CHARACTER * SLANT, MOST_ASLANT), aslant: true, shapes: false };
  }
  const shapes = sideBySide(upper.map(shapeText), SHAPE_CHARACTER, columnPitch);
  const most = Math.max(1, ...lines.map(({ length }) => length));
  const height = Math.max(most * LINE + (shapes ? SHAPE_LINE : 0), answer ? LINE + SHAPE_LINE : 0);
  return { height: height + PADDING, aslant: false, shapes };
}
