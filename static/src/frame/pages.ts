/** The pages beside each other: a page keeps its theme, its language and what is hidden when it leads to another. */

import { selection } from "../lib/selection.svelte";
import { readView, writeView } from "../lib/query";

const ADDRESSES = { explore: "/", train: "/train", models: "/models", compare: "/compare" } as const;

export type Page = keyof typeof ADDRESSES;

export const PAGES = Object.keys(ADDRESSES) as Page[];

export function pageAddress(page: Page): string {
  const { theme, lang, hide } = selection;
  return ADDRESSES[page] + writeView({ ...readView(""), theme, lang, hide });
}
