/** What a unit sees of the picture, as the method `receptive_field` tells: the box, and the effective field. */

import type { Values } from "../lib/types";
import { aboutNetwork, aboutPicture } from "./asking";
import type { Matrix } from "./assemble";
import type { Box } from "./field";
import { Question } from "./question.svelte";

export class Sight {
  /** The box of a unit that is a single number; the box of a pinned value needs no asking. */
  private readonly exact = new Question("panel.box");
  readonly measured = new Question("panel.field");

  /** Asks for the box of a unit that is a single number. */
  want(node: string, unit: number): void {
    this.exact.ask(aboutNetwork("receptive_field", { node, unit }));
  }

  /** Asks how much each pixel counts for a value. */
  measure(node: string, unit: number, at: readonly number[] | null, params: Values): void {
    const place = at ? { row: at[0], column: at[1] } : {};
    // Noise needs no picture, and its answer holds for every one.
    const about = params["over"] === "image" ? aboutPicture : aboutNetwork;
    this.measured.ask(about("receptive_field", { node, unit, ...place, ...params, effective: true }));
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
