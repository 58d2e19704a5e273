/** Pictures that this page has sent to the server, and the one on its way. */

import { holdsNetwork } from "../own/endings";
import * as api from "./api";
import { selection } from "./selection.svelte";
import { problemOf } from "./session.svelte";
import { t } from "./texts";
import type { Problem, UploadedImage } from "./types";
import type { View } from "./view";

const REMEMBERED = 24;

class Uploads {
  /** The newest first. */
  images = $state.raw<(UploadedImage & { name: string })[]>([]);
  /** The file on its way, in bytes. */
  sending = $state.raw<{ name: string; sent: number; total: number } | null>(null);
  problem = $state.raw<Problem | null>(null);
  /** The file of a network that was dropped. */
  network = $state.raw<File | null>(null);
  private abort: AbortController | null = null;

  /** Sends a picture and shows it, framed in a way if one is told. */
  async send(file: Blob, name: string, change: Partial<View> = {}): Promise<void> {
    this.cancel();
    const image = await this.transfer(file, name);
    if (image) selection.go({ image: image.id, at: null, ...change });
  }

  /** Sends several pictures, one after the other, and shows the first as soon as it is there. */
  async sendAll(files: readonly File[]): Promise<void> {
    this.cancel();
    let first = true;
    for (const [index, file] of files.entries()) {
      const count = files.length;
      const name = count > 1 ? t("upload.many", { name: file.name, number: index + 1, count }) : file.name;
      const image = await this.transfer(file, name, file.name);
      if (image === null) return;
      if (image && first) selection.go({ image: image.id, at: null });
      first &&= !image;
    }
  }

  cancel(): void {
    this.abort?.abort();
    this.sending = this.abort = null;
  }

  /** What was dropped or pasted. False where there was nothing in it. */
  async take(transfer: DataTransfer | null): Promise<boolean> {
    const files = [...(transfer?.files ?? [])];
    const network = files.find(({ name }) => holdsNetwork(name));
    if (network) {
      this.network = network;
      return true;
    }
    if (files.length) {
      await this.sendAll(files);
      return true;
    }
    const said = (transfer?.getData("text/uri-list") || transfer?.getData("text/plain") || "").trim();
    if (!said) return false;
    const detail = t(/^\w+:\S+$/.test(said) ? "upload.address" : "upload.text");
    this.problem = { type: "not_a_file", title: t("upload.refused"), status: 0, detail };
    return true;
  }

  /** What the server noted about the picture that is shown. */
  notes(image: string | null): string[] {
    return this.images.find(({ id }) => id === image)?.notes ?? [];
  }

  /** What the server made of a file; undefined where it was refused, null where it was cancelled. */
  private async transfer(file: Blob, shown: string, name = shown): Promise<UploadedImage | undefined | null> {
    const abort = new AbortController();
    this.abort = abort;
    this.problem = null;
    this.sending = { name: shown, sent: 0, total: file.size };
    try {
      const image = await api.upload(file, name, abort.signal, (sent, total) => {
        if (this.abort === abort) this.sending = { name: shown, sent, total };
      });
      if (this.abort !== abort) return null;
      this.images = [{ ...image, name }, ...this.images.filter(({ id }) => id !== image.id)].slice(0, REMEMBERED);
      return image;
    } catch (error) {
      if (this.abort !== abort || abort.signal.aborted) return null;
      this.problem = problemOf(error);
      return undefined;
    } finally {
      if (this.abort === abort) this.sending = this.abort = null;
    }
  }
}

export const uploads = new Uploads();
