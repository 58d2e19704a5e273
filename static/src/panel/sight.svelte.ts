/** What a unit sees of the picture, as the method `receptive_field` tells: the box, and the effective field. */

import { data } from "../lib/data.svelte";
import { selection } from "../lib/selection.svelte";
import type { Values } from "../lib/types";
import type { Matrix } from "./assemble";
import type { Box } from "./field";
import { Question } from "./question.svelte";

export class Sight {
  /** The box of a unit that is a single number; the box of a pinned value needs no asking. */
  private readonly exact = new Question("panel.box");
  readonly measured = new Question("panel.field");

  /** Asks for the box of a unit that is a single number. */
  want(node: string, unit: number): void {
    const model = selection.model;
    if (model) this.exact.ask({ method: "receptive_field", model, params: { node, unit } });
  }

  /** Asks how much each pixel counts for a value. */
  measure(node: string, unit: number, at: readonly number[] | null, params: Values): void {
    const { model } = selection;
    const place = at ? { row: at[0], column: at[1] } : {};
    // Noise needs no picture, and its answer holds for every one.
    const subject = params["over"] === "image" ? data.subject : {};
    const ask = { node, unit, ...place, ...params, effective: true };
    if (model) this.measured.ask({ method: "receptive_field", model, ...subject, params: ask });
  }

  /** Null of what sees everything, and until it is known. */
  get box(): Box | null {
    const { field, box } = this.exact.answered.values as { field?: { whole: boolean }; box?: Box };
    return field && !field.whole ? (box ?? null) : null;
  }

  get effective(): Matrix | undefined {
    return this.measured.answered.arrays["effective"];
  }

  get inside(): number | null | undefined {
    return this.measured.answered.values["inside"] as number | null | undefined;
  }

  stop(): void {
    this.exact.clear();
    this.measured.clear();
  }
}
