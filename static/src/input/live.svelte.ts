/** Passing pictures on their way: one in flight until its answer is drawn, and the newest of those that came meanwhile. */

import { tick } from "svelte";
import * as api from "../lib/api";
import { data } from "../lib/data.svelte";
import { passing, type PassingKind } from "../lib/passing.svelte";
import { selection } from "../lib/selection.svelte";
import { problemOf, session } from "../lib/session.svelte";
import { t } from "../lib/texts";
import type { Problem } from "../lib/types";
import { uploads } from "../lib/uploads.svelte";
import { bmp } from "./bmp";
import { Newest } from "./newest";

interface Draft {
  pixels: ImageData;
  kind: PassingKind;
}

const PAUSE = 1000;

class Live {
  problem = $state.raw<Problem | null>(null);
  /** How many have been answered. */
  answered = $state(0);
  private wanted = true;
  private readonly newest = new Newest<Draft>((draft) => this.send(draft));

  get busy(): boolean {
    return this.newest.busy;
  }

  /** Shows a picture that has the network's own pixels. */
  show(pixels: ImageData, kind: PassingKind): void {
    this.wanted = true;
    this.newest.offer({ pixels, kind });
  }

  /** As it was: what is on its way is not shown any more. */
  clear(): void {
    this.wanted = false;
    this.newest.drop();
    passing.clear();
  }

  /** Sends the passing picture for good, so that a link to it holds. False where that did not succeed. */
  async keep(): Promise<boolean> {
    const { picture } = passing;
    if (!picture) return false;
    const name = t(`input.picture.${picture.kind}`);
    await uploads.send(new Blob([bmp(picture.pixels)], { type: "image/bmp" }), name, { framing: picture.framing });
    return selection.image !== picture.over;
  }

  private async send({ pixels, kind }: Draft): Promise<void> {
    try {
      const { id } = await api.pass(new Blob([bmp(pixels)], { type: "image/bmp" }));
      if (!this.wanted) return;
      this.problem = null;
      passing.show({ id, kind, pixels, framing: exactFraming() });
      // The page asks as soon as it knows of the picture.
      await tick();
      await session().settled();
      this.answered += 1;
    } catch (error) {
      this.problem = problemOf(error);
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
  }
}

export const live = new Live();

/** The framing in which the network sees a picture of its own size pixel by pixel. */
function exactFraming(): string | null {
  const preprocessing = data.model?.card.preprocessing;
  return preprocessing && preprocessing.resize !== preprocessing.crop ? "stretch" : null;
}
