import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const css = readFileSync(new URL("./app.css", import.meta.url), "utf8");

const THEMES = ["light", "dark"] as const;

/** A block's tokens: its colours by name, a light and a dark one each. */
function tokens(block: string): Map<string, [light: string, dark: string]> {
  const found = block.matchAll(/--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)/g);
  return new Map([...found].map(([, name = "", light = "", dark = ""]) => [name, [light, dark]]));
}

const usual = tokens(css.slice(0, css.indexOf("}")));
const more = tokens(css.slice(css.indexOf("prefers-contrast: more")));
const palettes = [
  ["as it is", usual],
  ["with more contrast", new Map([...usual, ...more])],
] as const;

/** Relative luminance (WCAG 2.2). */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const share = parseInt(colour.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [high = 0, low = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (high + 0.05) / (low + 0.05);
}

const GROUNDS = ["paper", "raised", "block"];
const TEXT = ["ink", "quiet", "accent", "failure", "good", "warning"].flatMap((text) =>
  GROUNDS.map((on) => [text, on]),
);
TEXT.push(["ink", "tile"], ["quiet", "tile"], ["on-accent", "accent"], ["warning", "warning-paper"], ["paper", "ink"]);
const MARKS = ["class", "edge", "accent"].flatMap((mark) => GROUNDS.map((on) => [mark, on]));
/** Lines that divide or lie behind, and grounds: nothing is told by them alone. */
const DIVIDING = new Set(["hairline", "line", ...GROUNDS, "tile", "warning-paper"]);

it("knows black on white", () => expect(contrast("#000000", "#ffffff")).toBeCloseTo(21));

it("looks at every token", () => {
  const seen = new Set([...TEXT, ...MARKS].map(([name]) => name));
  expect([...usual.keys()].filter((name) => !seen.has(name) && !DIVIDING.has(name))).toEqual([]);
});

describe.each(palettes)("the colours %s", (_name, palette) => {
  it.each(THEMES)("can be read and seen when they are %s", (theme) => {
    const colour = (name = ""): string => palette.get(name)?.[THEMES.indexOf(theme)] ?? "";
    const short = (pairs: string[][], least: number): string[] =>
      pairs
        .map(([name, on]) => [`${name} on ${on}`, contrast(colour(name), colour(on))] as const)
        .filter(([, ratio]) => !(ratio >= least))
        .map(([pair, ratio]) => `${pair}: ${ratio.toFixed(2)}`);
    expect(short(TEXT, 4.5)).toEqual([]);
    expect(short(MARKS, 3)).toEqual([]);
  });
});
