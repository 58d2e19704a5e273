/** The walk from a value to what it is made of: the place that is looked at, and the way that led there. */

import { data } from "../lib/data.svelte";
import { selection } from "../lib/selection.svelte";
import { spatial } from "./describe";
import { followed, type Place } from "./sum";

class Walk {
  /** Places from where the walk began to where it is. */
  trail = $state.raw<readonly Place[]>([]);
  /** Whether the last step was through a door: the focus goes along. */
  entered = false;

  /** The value that is looked at: of a map the pinned one, of a dense layer the unit itself. */
  readonly place: Place | null = $derived.by(() => {
    const node = data.nodes.get(selection.node ?? "");
    if (!node || selection.unit === null) return null;
    if (!spatial(node)) return { node: node.name, unit: selection.unit, at: [0, 0] };
    return selection.at && { node: node.name, unit: selection.unit, at: selection.at };
  });

  /** One step deeper, or back to a place on the way. */
  to(place: Place): void {
    const node = data.nodes.get(place.node);
    if (!node) return;
    this.trail = followed(this.trail, place, true);
    this.entered = true;
    selection.go({ node: place.node, unit: place.unit, at: spatial(node) ? [place.at[0], place.at[1]] : null });
  }

  /** Takes note of where somebody has gone by other ways than through a door. */
  arrived(place: Place | null): void {
    this.trail = place ? followed(this.trail, place, false) : [];
  }
}

export const walk = new Walk();
