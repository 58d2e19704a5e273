/** Light or dark: as chosen, or as the system has it. */

import { MediaQuery } from "svelte/reactivity";
import type { Theme } from "./colours";
import { selection } from "./selection.svelte";

const dark = new MediaQuery("prefers-color-scheme: dark");

export function theme(): Theme {
  if (selection.theme !== "auto") return selection.theme;
  return dark.current ? "dark" : "light";
}
