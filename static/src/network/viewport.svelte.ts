/** The window onto the network: how large, where it is scrolled to, and how that changes without losing one's place. */

import { selection } from "../lib/selection.svelte";
import { scale } from "../lib/stage.svelte";
import { ZOOM_LEAST, ZOOM_MOST } from "../lib/parse";
import { anchorAt, scrollFor, type Point } from "./anchor";
import type { Layout } from "./layout";

/** The address is written when a gesture has paused: browsers refuse to do it sixty times a second. */
const PAUSE = 250;
const EDGE = 40;

export class Viewport {
  width = $state(0);
  height = $state(0);
  left = $state(0);
  top = $state(0);

  strip: HTMLElement | null = null;
  /** What the next change of the layout leaves in its place; else what has the focus, or the middle. */
  private point: Point | null = null;
  private plan: Layout | null = null;
  private pause: ReturnType<typeof setTimeout> | undefined;

  scrolled(): void {
    if (!this.strip) return;
    [this.left, this.top] = [this.strip.scrollLeft, this.strip.scrollTop];
  }

  moveTo(left: number, top = this.top): void {
    if (!this.strip) return;
    [this.strip.scrollLeft, this.strip.scrollTop] = [left, top];
    this.scrolled();
  }

  /** Moves as little as brings an extent into sight. */
  reveal(from: number, to: number): void {
    if (from - EDGE < this.left) this.moveTo(from - EDGE);
    else if (to + EDGE > this.left + this.width) this.moveTo(to + EDGE - this.width);
  }

  /** Where something on screen stands in the window. */
  pointOf(x: number, y: number): Point {
    const box = this.strip?.getBoundingClientRect();
    return { x: (x - (box?.left ?? 0)) / scale(), y: (y - (box?.top ?? 0)) / scale() };
  }

  /** What is at this point stays there when the layout changes next. */
  hold(point: Point): void {
    this.point = point;
  }

  zoomBy(factor: number, point: Point): void {
    const zoom = Math.min(Math.max(selection.zoom * factor, ZOOM_LEAST), ZOOM_MOST);
    if (zoom === selection.zoom) return;
    this.hold(point);
    selection.zoom = zoom;
    clearTimeout(this.pause);
    this.pause = setTimeout(() => selection.go({ zoom: Number(selection.zoom.toFixed(2)) }), PAUSE);
  }

  /** Takes the place up again in another layout of the same network; another network begins at its beginning. */
  settle(plan: Layout, sameNetwork: boolean): void {
    const before = this.plan;
    this.plan = plan;
    if (!before || before === plan) return;
    const point = this.point ?? this.fixed();
    this.point = null;
    const { left, top } = sameNetwork
      ? scrollFor(plan, anchorAt(before, this.left, this.top, point))
      : { left: 0, top: 0 };
    this.moveTo(left, top);
  }

  /** What has the focus or is selected, if it is in sight; else the middle. */
  private fixed(): Point {
    const middle = { x: this.width / 2, y: this.height / 2 };
    const focused = document.activeElement;
    const kept =
      focused !== this.strip && this.strip?.contains(focused)
        ? focused
        : this.strip?.querySelector("[role=gridcell][aria-selected=true]");
    const box = kept?.getBoundingClientRect();
    if (!box) return middle;
    const point = this.pointOf(box.left + box.width / 2, box.top + box.height / 2);
    return point.x >= 0 && point.x <= this.width ? point : middle;
  }
}
