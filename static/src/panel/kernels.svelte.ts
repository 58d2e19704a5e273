/** The kernels of one unit, as the method `filters` tells them: for their pictures, and for the window that slides. */

import { aboutNetwork } from "./asking";
import { entry, norm, type Matrix } from "./assemble";
import { Question } from "./question.svelte";

export class Kernels {
  readonly question = new Question("panel.kernels");

  /** Inputs × rows × columns, once they are there. */
  readonly all: Matrix | null = $derived.by(() => {
    const kernels = this.question.answered.arrays["kernels"];
    return kernels ? entry(kernels, 0) : null;
  });
  /** The kernel as a picture, of a layer that reads the picture's colours. */
  readonly colour: Matrix | null = $derived.by(() => {
    const pictures = this.question.answered.arrays["pictures"];
    return pictures ? entry(pictures, 0) : null;
  });
  readonly bias = $derived(this.question.answered.arrays["bias"]?.data[0]);
  /** The input map that the first kernel reads. */
  readonly first = $derived((this.question.answered.values["first_input"] as number[] | undefined)?.[0] ?? 0);
  private readonly norms: readonly number[] = $derived.by(() => {
    const { all } = this;
    return Array.from({ length: all?.shape[0] ?? 0 }, (_, input) => (all ? norm(entry(all, input).data) : 0));
  });
  /** Numbers of the kernels, largest norm first. */
  readonly strongest: readonly number[] = $derived(descending(this.norms));

  /** Numbers of the kernels, first those that weigh the most on maps of these norms, from the first that is read. */
  weightiest(maps: readonly (number | null)[]): readonly number[] {
    return descending(this.norms.map((norm, input) => norm * (maps[this.first + input] ?? 1)));
  }

  want(node: string, unit: number): void {
    this.question.ask(aboutNetwork("filters", { node, units: [unit], view: "channels" }));
  }
}

/** The numbers of the entries, largest first, equals in their order. */
function descending(values: readonly number[]): number[] {
  return values.map((_, index) => index).sort((a, b) => (values[b] ?? 0) - (values[a] ?? 0) || a - b);
}
