/** What was painted over last: closing the tool, or choosing another part of the picture, loses no stroke. */

import * as api from "../lib/api";
import { passing, type PassingKind } from "../lib/passing.svelte";
import { selection } from "../lib/selection.svelte";
import { problemOf } from "../lib/session.svelte";
import type { Card } from "../lib/types";
import { placing } from "./crop";
import { live } from "./live.svelte";
import { Newest } from "./newest";
import type { Painting } from "./painting.svelte";
import { pixelsOf } from "./pixels";

interface Brushed {
  painting: Painting;
  /** A passing picture that was painted over, in place of the chosen one. */
  below: { pixels: ImageData; kind: PassingKind } | null;
  /** How the picture was fitted to the network where the strokes are drawn on what that sees. */
  framing: string | null;
}

interface Fitting {
  card: Card;
  framing: string | null;
  brushed: Brushed;
}

class LastBrushed {
  last = $state.raw<Brushed | null>(null);
  private readonly newest = new Newest<Fitting>((fitting) => this.fit(fitting));

  /** The strokes that are shown now, over the chosen picture; null where there are none. */
  get shown(): Brushed | null {
    return passing.picture?.kind === "brush" && !this.last?.below ? this.last : null;
  }

  /** Carries the strokes over to another part of the picture. */
  follow(card: Card, framing: string | null): void {
    const brushed = this.shown;
    if (brushed && brushed.framing !== framing) this.newest.offer({ card, framing, brushed });
  }

  private async fit({ card, framing, brushed }: Fitting): Promise<void> {
    const { painting } = brushed;
    try {
      const base = await pixelsOf(api.imageAddress(selection.image ?? "", { model: card.id, framing }));
      if (this.shown?.painting !== painting) return;
      painting.see({ base, placed: placing(framing, painting.canvas, card.preprocessing) });
      this.last = { ...brushed, framing };
      live.show(painting.pixels, "brush");
    } catch (error) {
      live.problem = problemOf(error);
    }
  }
}

export const lastBrushed = new LastBrushed();
