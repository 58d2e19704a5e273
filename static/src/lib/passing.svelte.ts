/** The passing picture: a drawing, a painted-over picture, a frame of the camera. The server holds it for a while only. */

import { selection } from "./selection.svelte";

export type PassingKind = "draw" | "brush" | "camera";

export interface PassingPicture {
  id: string;
  kind: PassingKind;
  pixels: ImageData;
  framing: string | null;
  /** The picture that was chosen when it came: choosing another one ends it. */
  over: string | null;
}

class Passing {
  private latest = $state.raw<PassingPicture | null>(null);

  /** What passes now, if it was not left for another picture. */
  get picture(): PassingPicture | null {
    return this.latest?.over === selection.image ? this.latest : null;
  }

  show(picture: Omit<PassingPicture, "over">): void {
    this.latest = { ...picture, over: selection.image };
  }

  /** As it was. */
  clear(): void {
    this.latest = null;
  }
}

export const passing = new Passing();

/** What is looked at: the passing picture while there is one, else the chosen one. */
export function shown(): { image: string | null; framing: string | null; live: boolean } {
  const { picture } = passing;
  if (picture) return { image: picture.id, framing: picture.framing, live: true };
  return { image: selection.image, framing: selection.framing, live: false };
}
