/** The samples that fit the network at hand, in the order in which the keys step through them. */

import type { Sample } from "./types";

let order: readonly string[] = [];

/** The samples that were made for a network, or all of them where none was. */
export function fitting(samples: readonly Sample[], model: string | null): Sample[] {
  const own = samples.filter((sample) => model !== null && sample.models.includes(model));
  return own.length ? own : [...samples];
}

export function setImageOrder(images: readonly string[]): void {
  order = images;
}

export function imageOrder(): readonly string[] {
  return order;
}
