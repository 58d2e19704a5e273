/** What the panel asks about the network at hand: of its weights alone, or of the picture too. */

import { data } from "../lib/data.svelte";
import { selection } from "../lib/selection.svelte";
import type { Ask, Values } from "../lib/types";

/** An ask about the network alone; null while there is none. */
export function aboutNetwork(method: string, params: Values): Ask | null {
  return selection.model === null ? null : { method, model: selection.model, params };
}

/** An ask about what the network makes of the picture; null while either is missing. */
export function aboutPicture(method: string, params: Values): Ask | null {
  const ask = aboutNetwork(method, params);
  return ask && data.image !== null ? { ...ask, ...data.subject } : null;
}
