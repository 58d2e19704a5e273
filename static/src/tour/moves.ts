/** Moving through the tour: each step sets its part of the view, and is a step in the browser's history. */

import { data } from "../lib/data.svelte";
import { fitting } from "../lib/samples";
import { selection } from "../lib/selection.svelte";
import { progress } from "./progress.svelte";
import { MODEL, STEPS } from "./steps";

/** Goes to a step, with the network that the tour is about and a picture that it knows; `instead` of the view at hand. */
export function goTo(step: number, instead = false): void {
  const chosen = STEPS[step - 1];
  if (!chosen) return leave();
  const own = fitting(data.samples, MODEL);
  const image = selection.model === MODEL ? selection.image : (own[0]?.image ?? selection.image);
  progress.keep(step);
  selection.go({ model: MODEL, image, unit: null, at: null, ...chosen.view, tour: step }, instead);
}

/** Leaves the tour; after its last step it begins anew next time. */
export function leave(): void {
  const { tour } = selection;
  progress.keep(tour === null || tour >= STEPS.length ? null : tour);
  selection.go({ tour: null });
}
