/** The page's own colours, for what is drawn outside of it. */

import { colourTable, ENTRIES, type Theme } from "../lib/colours";
import type { Kind, Pair } from "../lib/types";
import { value } from "./numbers";
import type { Legend, Palette } from "./svg";

/** The colours of the theme as they are now. */
export function palette(): Palette {
  const probe = document.createElement("span");
  document.body.append(probe);
  const colour = (token: string): string => {
    probe.style.color = `var(--${token})`;
    return getComputedStyle(probe).color;
  };
  const colours = { ink: colour("ink"), paper: colour("paper"), mark: colour("accent") };
  probe.remove();
  return colours;
}

/** The scale of a kind's colours over a range. */
export function legend(kind: Exclude<Kind, "picture">, theme: Theme, range: Pair): Legend {
  const table = colourTable(kind, theme);
  const every = Array.from({ length: 33 }, (_, stop) => Math.round((stop / 32) * (ENTRIES - 1)) * 3);
  const scale = Math.max(Math.abs(range[0]), Math.abs(range[1]));
  return {
    colours: every.map((at) => `rgb(${table.slice(at, at + 3).join(" ")})`),
    low: value(range[0], scale, 3),
    high: value(range[1], scale, 3),
  };
}
