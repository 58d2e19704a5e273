/** What the page carries in itself: the cards, and the drawings that the server has made before. */

import type { CardSummary, Sample } from "../lib/types";
import type { Outline } from "./outline";

export interface FirstData {
  models: CardSummary[];
  samples: Sample[];
  default_model: string;
  outlines: Record<string, Outline>;
}

export function readFirstData(document: Document): FirstData {
  const text = document.getElementById("first-data")?.textContent;
  return text ? (JSON.parse(text) as FirstData) : { models: [], samples: [], default_model: "", outlines: {} };
}
