/** Pictures that this page has sent to the server, and the one on its way. */

import * as api from "./api";
import { selection } from "./selection.svelte";
import { problemOf } from "./session.svelte";
import type { Problem, UploadedImage } from "./types";

class Uploads {
  /** The newest first. */
  images = $state.raw<(UploadedImage & { name: string })[]>([]);
  /** The file on its way, in bytes. */
  sending = $state.raw<{ name: string; sent: number; total: number } | null>(null);
  problem = $state.raw<Problem | null>(null);
  private abort: AbortController | null = null;

  /** Sends a picture and shows it. */
  async send(file: Blob, name: string): Promise<void> {
    this.cancel();
    const abort = new AbortController();
    this.abort = abort;
    this.problem = null;
    this.sending = { name, sent: 0, total: file.size };
    try {
      const image = await api.upload(file, name, abort.signal, (sent, total) => {
        if (this.abort === abort) this.sending = { name, sent, total };
      });
      if (this.abort !== abort) return;
      this.images = [{ ...image, name }, ...this.images.filter(({ id }) => id !== image.id)].slice(0, 6);
      selection.go({ image: image.id, at: null });
    } catch (error) {
      if (this.abort === abort && !abort.signal.aborted) this.problem = problemOf(error);
    } finally {
      if (this.abort === abort) this.sending = this.abort = null;
    }
  }

  cancel(): void {
    this.abort?.abort();
    this.sending = this.abort = null;
  }

  /** The first picture that was dropped or pasted. */
  async take(transfer: DataTransfer | null): Promise<boolean> {
    const file = [...(transfer?.files ?? [])][0];
    if (!file) return false;
    await this.send(file, file.name);
    return true;
  }

  /** What the server noted about the picture that is shown. */
  notes(image: string | null): string[] {
    return this.images.find(({ id }) => id === image)?.notes ?? [];
  }
}

export const uploads = new Uploads();
