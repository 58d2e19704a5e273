/** Wheel, drag and two fingers on the network. */

import { scale } from "../lib/stage.svelte";
import type { Viewport } from "./viewport.svelte";

/** How much one pixel of the wheel zooms. */
const WHEEL = 0.0022;
/** A press that moves less than this is a click. */
const STILL = 4;

/** Listens on the strip; gives what ends it. */
export function gestures(viewport: Viewport): (strip: HTMLElement) => () => void {
  return (strip) => {
    const ends = [wheeling(strip, viewport), dragging(strip, viewport), pinching(strip, viewport)];
    return () => {
      for (const end of ends) end();
    };
  };
}

/** The wheel turns sideways where there is nothing to see further down; with Ctrl it zooms about the pointer. */
function wheeling(strip: HTMLElement, viewport: Viewport): () => void {
  function wheel(event: WheelEvent): void {
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 24 : 1;
      const turned = Math.min(Math.max(event.deltaY * lines, -200), 200);
      viewport.zoomBy(Math.exp(-turned * WHEEL), viewport.pointOf(event.clientX, event.clientY));
    } else if (event.deltaX === 0 && !event.shiftKey && strip.scrollHeight <= strip.clientHeight + 1) {
      strip.scrollLeft += event.deltaY;
    }
  }
  strip.addEventListener("wheel", wheel, { passive: false });
  return () => strip.removeEventListener("wheel", wheel);
}

/** The mouse drags the network where it is empty; fingers scroll by themselves. */
function dragging(strip: HTMLElement, viewport: Viewport): () => void {
  let from: { x: number; y: number; left: number; top: number } | null = null;
  let moved = false;

  function down(event: PointerEvent): void {
    const { target } = event;
    const empty = target === strip || (target instanceof Element && target.hasAttribute("data-empty"));
    if (!empty || event.button !== 0 || event.pointerType === "touch") return;
    from = { x: event.clientX, y: event.clientY, left: strip.scrollLeft, top: strip.scrollTop };
    moved = false;
  }
  function move(event: PointerEvent): void {
    if (!from) return;
    const [x, y] = [(event.clientX - from.x) / scale(), (event.clientY - from.y) / scale()];
    if (!moved && Math.hypot(x, y) < STILL) return;
    if (!moved) strip.setPointerCapture(event.pointerId);
    moved = true;
    strip.dataset["dragging"] = "";
    viewport.moveTo(from.left - x, from.top - y);
  }
  function up(): void {
    from = null;
    delete strip.dataset["dragging"];
  }
  /** The end of a drag is no click. */
  function click(event: MouseEvent): void {
    if (moved) event.stopPropagation();
    moved = false;
  }
  const listeners: [string, EventListener][] = [
    ["pointerdown", down as EventListener],
    ["pointermove", move as EventListener],
    ["pointerup", up],
    ["pointercancel", up],
  ];
  for (const [type, listener] of listeners) strip.addEventListener(type, listener);
  strip.addEventListener("click", click as EventListener, { capture: true });
  return () => {
    for (const [type, listener] of listeners) strip.removeEventListener(type, listener);
    strip.removeEventListener("click", click as EventListener, { capture: true });
  };
}

/** Two fingers zoom about the point between them. */
function pinching(strip: HTMLElement, viewport: Viewport): () => void {
  let apart = 0;

  const distance = ([one, other]: [Touch, Touch]): number =>
    Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);
  const two = ({ touches: [one, other] }: TouchEvent): [Touch, Touch] | null => (one && other ? [one, other] : null);

  function start(event: TouchEvent): void {
    const fingers = two(event);
    apart = fingers ? distance(fingers) : 0;
  }
  function move(event: TouchEvent): void {
    const fingers = two(event);
    if (!fingers || apart === 0) return;
    event.preventDefault();
    const [one, other] = fingers;
    const now = distance(fingers);
    const middle = [(one.clientX + other.clientX) / 2, (one.clientY + other.clientY) / 2] as const;
    viewport.zoomBy(now / apart, viewport.pointOf(...middle));
    apart = now;
  }
  strip.addEventListener("touchstart", start, { passive: true });
  strip.addEventListener("touchmove", move, { passive: false });
  return () => {
    strip.removeEventListener("touchstart", start);
    strip.removeEventListener("touchmove", move);
  };
}
