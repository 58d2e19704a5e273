/** What the parts of the gallery share. */

import { selection } from "../lib/selection.svelte";
import { readView, writeView } from "../lib/query";

/** Pixels in a unit of the drawings: the same for every network of the gallery. */
export const SCALE = 1.25;

/** Address of a network's own page, or of it in Explore; of the page alone where no network is named. */
export function addressOf(model: string | null, page = "/models"): string {
  const { theme, lang, hide } = selection;
  return page + writeView({ ...readView(""), model, theme, lang, hide });
}
