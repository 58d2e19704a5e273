/** The drawings of the networks: those that came with the page, and the others one after the other. */

import { SvelteMap } from "svelte/reactivity";
import { get } from "../lib/api";
import type { Outline } from "./outline";

/** So many are asked for at once: the server makes one at a time. */
const TOGETHER = 2;

export class Outlines {
  /** Those that nobody need ask for again. */
  private readonly asked = new Set<string>();
  private readonly known = new SvelteMap<string, Outline>();
  /** The networks of which there can be none, and why. */
  readonly failed = new SvelteMap<string, string>();
  readonly all: Readonly<Record<string, Outline>> = $derived(Object.fromEntries(this.known));

  constructor(first: Readonly<Record<string, Outline>>) {
    for (const [id, outline] of Object.entries(first)) {
      this.known.set(id, outline);
      this.asked.add(id);
    }
  }

  /** Gets what is missing of these networks, in their order. */
  async fetch(ids: readonly string[]): Promise<void> {
    const missing = ids.filter((id) => !this.asked.has(id));
    missing.forEach((id) => this.asked.add(id));
    const worker = async (): Promise<void> => {
      for (let id = missing.shift(); id !== undefined; id = missing.shift()) {
        try {
          this.known.set(id, await get<Outline>(`/models/${encodeURIComponent(id)}/outline`));
        } catch (error) {
          this.failed.set(id, error instanceof Error ? error.message : String(error));
        }
      }
    };
    await Promise.all(Array.from({ length: TOGETHER }, worker));
  }
}
