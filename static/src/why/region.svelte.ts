/** The region of the picture that is asked about: what it does to the class, and which units read it. */

import { selection } from "../lib/selection.svelte";
import { aboutPicture } from "../panel/asking";
import type { Box } from "../panel/field";
import type { Cell } from "../panel/place";
import { Question } from "../panel/question.svelte";

export interface Seen {
  label: string;
  logit: number | null;
  probability: number | null;
  top: { label: string; probability: number | null }[];
}

export interface Told {
  class: Omit<Seen, "top">;
  node: string;
  box: Box;
  loss: number | null;
  hidden: Seen;
  alone: Seen;
  units: { unit: number; distance: number | null; loss: number | null }[];
}

export class Region {
  readonly question = new Question("why.region");

  readonly told = $derived(
    "box" in this.question.answered.values ? (this.question.answered.values as unknown as Told) : null,
  );

  /** Both ends included, as the page counts boxes. */
  readonly box: Box | null = $derived.by(() => {
    if (!this.told || selection.region === null) return null;
    const { top, left, bottom, right } = this.told.box;
    return { top, left, bottom: bottom - 1, right: right - 1 };
  });

  /** Asks about the place that is chosen, if one is. */
  follow(): void {
    if (selection.region === null) {
      this.question.clear();
      return;
    }
    const [row, column] = selection.region;
    const { target, layer } = selection;
    const chosen = { ...(target === null ? {} : { target }), ...(layer === null ? {} : { node: layer }) };
    this.question.ask(aboutPicture("region", { row, column, ...chosen }));
  }
}

export function choose([row, column]: Cell): void {
  selection.go({ region: [row, column] });
}
