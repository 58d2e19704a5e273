/** Explore as one half of a comparison: it says what is looked at in it, and follows the other half. */

import { untrack } from "svelte";
import { data } from "../lib/data.svelte";
import { selection } from "../lib/selection.svelte";
import type { State } from "../lib/types";
import { followed, spotOf, type FromHalf, type ToHalf } from "./messages";

/** Shares of the way that count as the same place. */
const NEAR = 0.004;

let applied = "";
let scrolledTo: { left: number; top: number } | null = null;

const nodes = (): NonNullable<typeof data.model>["graph"]["nodes"] => data.model?.graph.nodes ?? [];
const say = (message: FromHalf): void => parent.postMessage(message, location.origin);
const strip = (): HTMLElement | null => document.querySelector(".strip");

function share(position: number, length: number): number {
  return length > 0 ? position / length : 0;
}

function scrolled(event: Event): void {
  const element = strip();
  if (!element || event.target !== element) return;
  const left = share(element.scrollLeft, element.scrollWidth - element.clientWidth);
  const top = share(element.scrollTop, element.scrollHeight - element.clientHeight);
  const told = scrolledTo;
  if (told && Math.abs(told.left - left) < NEAR && Math.abs(told.top - top) < NEAR) return;
  scrolledTo = null;
  say({ kind: "scroll", left, top });
}

function heard({ origin, source, data: message }: MessageEvent<ToHalf>): void {
  if (origin !== location.origin || source !== parent) return;
  if (message.kind === "look") {
    selection.theme = message.theme;
    selection.lang = message.lang;
  } else if (message.kind === "scroll") {
    const element = strip();
    if (!element) return;
    scrolledTo = { left: message.left, top: message.top };
    element.scrollLeft = message.left * (element.scrollWidth - element.clientWidth);
    element.scrollTop = message.top * (element.scrollHeight - element.clientHeight);
  } else if (message.kind === "follow") {
    const view = followed(selection.view, nodes(), message.view, message.spot, message.same);
    if (JSON.stringify(view) === JSON.stringify(selection.view)) return;
    applied = JSON.stringify(view);
    selection.restore(view);
  }
}

/** Lets this page be one half of a comparison. */
export function half(): void {
  document.documentElement.dataset["half"] = "";
  addEventListener("message", heard);
  document.addEventListener("scroll", scrolled, { capture: true, passive: true });
  const state = (): void =>
    say({ kind: "state", state: (document.documentElement.dataset["state"] ?? "waiting") as State });
  new MutationObserver(state).observe(document.documentElement, { attributeFilter: ["data-state"] });
  state();
  $effect.root(() => {
    $effect(() => {
      const { view } = selection;
      if (view.model === null) return;
      const written = JSON.stringify(view);
      const spot = untrack(() => spotOf(nodes(), view.node));
      say({ kind: "view", view: JSON.parse(written) as typeof view, spot, echo: written === applied });
    });
  });
}
