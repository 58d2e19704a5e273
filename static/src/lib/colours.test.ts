import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { FILES, text } from "../../colours/make.mjs";
import { byteColours, colourOf, colourTable, ENTRIES, NOT_FINITE, position, shownRange } from "./colours";
import { valueOfByte } from "./frame";
import type { Pair } from "./types";

const KINDS = ["signed", "positive", "weight", "attribution"] as const;
const THEMES = ["light", "dark"] as const;

const bytesOf = (pixels: Uint32Array): Uint8Array => new Uint8Array(pixels.buffer);

/** Relative luminance, WCAG. */
function luminance(colour: ArrayLike<number>): number {
  const linear = Array.from(colour, (byte) =>
    byte / 255 <= 0.04045 ? byte / 255 / 12.92 : ((byte / 255 + 0.055) / 1.055) ** 2.4,
  );
  return 0.2126 * (linear[0] ?? 0) + 0.7152 * (linear[1] ?? 0) + 0.0722 * (linear[2] ?? 0);
}

it("has the tables that the script makes, for the page and for the server", () => {
  for (const file of FILES) expect(readFileSync(file, "utf8")).toBe(text());
});

describe.each(THEMES.flatMap((theme) => KINDS.map((kind) => ({ theme, kind }))))(
  "$kind in $theme",
  ({ theme, kind }) => {
    const table = colourTable(kind, theme);
    const lightness = Array.from({ length: ENTRIES }, (_, entry) => luminance(table.slice(entry * 3, entry * 3 + 3)));
    const sign = theme === "light" ? -1 : 1;

    it("gets steadily stronger away from zero", () => {
      const zero = kind === "positive" ? 0 : (ENTRIES - 1) / 2;
      for (let entry = zero; entry + 1 < ENTRIES; entry += 1) {
        expect(((lightness[entry + 1] ?? 0) - (lightness[entry] ?? 0)) * sign).toBeGreaterThan(-0.002);
      }
      for (let entry = zero; entry > 0; entry -= 1) {
        expect(((lightness[entry - 1] ?? 0) - (lightness[entry] ?? 0)) * sign).toBeGreaterThan(-0.002);
      }
    });

    it("shows zero in the neutral colour, whatever the map's own range", () => {
      const neutral = colourOf(0, kind, theme, shownRange(kind, [-3, 5]));
      const own = kind === "positive" ? ([0, 7] as const) : ([-7, 7] as const);
      const byte = kind === "positive" ? 1 : 128;
      const colours = bytesOf(byteColours(kind, theme, [...own], shownRange(kind, [-3, 5])));
      expect(`rgb(${[...colours.slice(byte * 4, byte * 4 + 3)].join(" ")})`).toBe(neutral);
    });

    it("gives each byte the colour of the value that it means", () => {
      const own: Pair = kind === "positive" ? [0, 3] : [-3, 3];
      const shown = shownRange(kind, [-2, 4]);
      const colours = bytesOf(byteColours(kind, theme, own, shown));
      for (let byte = 1; byte < 256; byte += 1) {
        const value = valueOfByte(byte, ...own);
        expect(`rgb(${[...colours.slice(byte * 4, byte * 4 + 3)].join(" ")})`).toBe(
          colourOf(value, kind, theme, shown),
        );
      }
    });

    it("shows what is not finite in a colour of its own", () => {
      expect([...bytesOf(byteColours(kind, theme, [-1, 1], [-1, 1])).slice(0, 4)]).toEqual([...NOT_FINITE[theme], 255]);
      expect(colourOf(Number.NaN, kind, theme, [-1, 1])).toBe(`rgb(${NOT_FINITE[theme].join(" ")})`);
    });
  },
);

it("gives one colour one meaning for signed and for positive maps of one range", () => {
  const [signed, positive] = [shownRange("signed", [-9, 4]), shownRange("positive", [-9, 4])];
  expect(signed).toEqual([-9, 9]);
  expect(positive).toEqual([0, 9]);
  for (const theme of THEMES) {
    expect(colourOf(9, "signed", theme, signed)).toBe(colourOf(9, "positive", theme, positive));
    expect(colourOf(0, "signed", theme, signed)).toBe(colourOf(0, "positive", theme, positive));
  }
});

it("puts values outside of the range at its ends, and all of them at zero where the range is empty", () => {
  expect(position(12, "signed", [-4, 4])).toBe(1);
  expect(position(-12, "signed", [-4, 4])).toBe(0);
  expect(position(0, "signed", [0, 0])).toBe(0.5);
  expect(position(0, "positive", [0, 0])).toBe(0);
});
