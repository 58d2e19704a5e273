/**
 * Makes the colour tables that the page and the server share: `node colours/make.mjs`.
 *
 * Each side of zero is one of d3-scale-chromatic's schemes between the neutral colour of the theme and its strong end,
 * resampled so that lightness (CIELAB L*) grows evenly: equal steps of a value look equally large. Diverging kinds
 * put two such sides together; the neutral colour in the middle is exactly zero.
 */

import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { lab, rgb } from "d3-color";
import {
  interpolateBlues,
  interpolateBuGn,
  interpolateGreens,
  interpolateOranges,
  interpolatePurples,
  interpolateRdPu,
} from "d3-scale-chromatic";

const STEPS = 32;
const SAMPLES = 400;

/** Where on a scheme the strong end lies, and what zero looks like. */
const THEMES = {
  light: { neutral: "#f2f2f0", strongest: 1, faintest: 0.08 },
  dark: { neutral: "#1b1c1f", strongest: 0.12, faintest: 1 },
};

/** @typedef {(t: number) => string} Scheme */
/** @typedef {keyof typeof THEMES} Theme */

/**
 * From the neutral colour along a scheme, in even steps of lightness.
 *
 * @param {Scheme} scheme
 * @param {Theme} theme
 */
function side(scheme, theme) {
  const { neutral, strongest, faintest } = THEMES[theme];
  const [start, end] = [lab(neutral), lab(scheme(strongest))];
  const samples = Array.from({ length: SAMPLES + 1 }, (_, i) =>
    scheme(faintest + ((strongest - faintest) * i) / SAMPLES),
  );
  const ascending = start.l < end.l;
  // A scheme may begin fainter than the neutral colour is.
  const path = [start, ...samples.map((colour) => lab(colour)).filter((colour) => colour.l > start.l === ascending)];
  return Array.from({ length: STEPS + 1 }, (_, step) => {
    const lightness = start.l + ((end.l - start.l) * step) / STEPS;
    return rgb(along(path, lightness, ascending) ?? end)
      .clamp()
      .formatHex();
  });
}

/**
 * The colour of this lightness on a path whose lightness grows, or falls.
 *
 * @param {import("d3-color").LabColor[]} path
 * @param {number} lightness
 * @param {boolean} ascending
 */
function along(path, lightness, ascending) {
  let before = path[0];
  for (const after of path.slice(1)) {
    if (before && (ascending ? after.l >= lightness : after.l <= lightness)) {
      const share = before.l === after.l ? 0 : (lightness - before.l) / (after.l - before.l);
      return lab(lightness, before.a + (after.a - before.a) * share, before.b + (after.b - before.b) * share);
    }
    before = after;
  }
  return before;
}

/** @type {(negative: Scheme, positive: Scheme, theme: Theme) => string[]} */
const diverging = (negative, positive, theme) => [
  ...side(negative, theme).reverse(),
  ...side(positive, theme).slice(1),
];

/** All tables: theme → kind → colours from the smallest value to the largest, evenly apart. */
export function tables() {
  return Object.fromEntries(
    /** @type {Theme[]} */ (Object.keys(THEMES)).map((theme) => [
      theme,
      {
        signed: diverging(interpolateOranges, interpolateBlues, theme),
        positive: side(interpolateBlues, theme),
        weight: diverging(interpolatePurples, interpolateGreens, theme),
        attribution: diverging(interpolateBuGn, interpolateRdPu, theme),
      },
    ]),
  );
}

/** The two copies: one for the page, one for the server. */
export const FILES = ["../src/lib/colours.json", "../../app/render/colours.json"].map((path) =>
  fileURLToPath(new URL(path, import.meta.url)),
);

export const text = () => `${JSON.stringify(tables(), null, 1)}\n`;

if (process.argv[1] === fileURLToPath(import.meta.url)) for (const file of FILES) writeFileSync(file, text());
