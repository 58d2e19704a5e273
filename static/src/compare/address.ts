/** The address of a comparison: what the halves have in common, and the view of each as its own query. */

import { readView, writeView } from "../lib/query";
import type { View } from "../lib/view";
import type { Same } from "./messages";

/** What a half needs no control for: the page around it has it, or it makes no sense there. */
const HIDDEN = ["modes", "tour", "stage", "theme", "language", "keys", "views", "link"] as const;

export interface Comparison {
  same: Same;
  /** Whether the halves are scrolled and pinned together. */
  pinned: boolean;
  /** Whether they stand one below the other. */
  below: boolean;
  halves: readonly [View, View];
}

export function readComparison(search: string): Comparison {
  const query = new URLSearchParams(search);
  const half = (name: string): View => readView(query.get(name) ?? "");
  return {
    same: query.get("same") === "model" ? "model" : "image",
    pinned: query.get("pinned") !== "0",
    below: query.get("below") === "1",
    halves: [half("a"), half("b")],
  };
}

/** The view of a half, without the frame around it. */
function plain(view: View): string {
  return writeView({ ...view, theme: "auto", lang: null, hide: [], stage: false, tour: null }).slice(1);
}

export function writeComparison({ same, pinned, below, halves }: Comparison, page: View): string {
  const query = new URLSearchParams(
    writeView({ ...readView(""), theme: page.theme, lang: page.lang, hide: page.hide }),
  );
  query.set("same", same);
  if (!pinned) query.set("pinned", "0");
  if (below) query.set("below", "1");
  query.set("a", plain(halves[0]));
  query.set("b", plain(halves[1]));
  return `?${query}`;
}

/** Where a half is loaded from. */
export function halfAddress(view: View, page: View): string {
  const hide = [...new Set([...HIDDEN, ...page.hide])];
  return `/${writeView({ ...view, theme: page.theme, lang: page.lang, hide })}`;
}
