/** A window on its way over a map: where it stands, how far its sum has come, and who moves it. */

import type { Pair } from "../lib/types";
import type { Cell } from "./place";

/** How fast it goes: product by product, or window by window, so many a second. */
export const SPEEDS = [
  { name: "products", perSecond: 3, products: true },
  { name: "slow", perSecond: 4, products: false },
  { name: "fast", perSecond: 30, products: false },
  { name: "faster", perSecond: 400, products: false },
] as const;

export type Speed = (typeof SPEEDS)[number]["name"];

export class Slide {
  /** The number of the output value that is being made, row by row. */
  index = $state(0);
  /** How many products of its window have been added. */
  added = $state(Number.POSITIVE_INFINITY);
  playing = $state(false);
  speed = $state<Speed>("slow");
  private shape: Pair = $state.raw([1, 1]);
  private terms = $state(1);
  private owed = 0;
  private before = 0;
  private frame = 0;

  readonly at: Cell = $derived([Math.floor(this.index / this.shape[1]), this.index % this.shape[1]]);
  readonly size = $derived(this.shape[0] * this.shape[1]);
  readonly products = $derived(SPEEDS.some(({ name, products }) => name === this.speed && products));
  /** How many products are in the sum as it stands. */
  readonly summed = $derived(Math.min(this.added, this.terms));
  readonly ended = $derived(this.index >= this.size - 1 && this.summed >= this.terms);

  /** Another map of so many rows and columns, each value a sum of so many terms: from its beginning. */
  begin(shape: Pair, terms: number): void {
    this.pause();
    this.shape = shape;
    this.terms = terms;
    this.index = 0;
    this.added = Number.POSITIVE_INFINITY;
  }

  play(): void {
    if (this.playing) return;
    if (this.ended) this.put(0);
    this.playing = true;
    this.owed = 0;
    this.before = performance.now();
    this.frame = requestAnimationFrame((now) => this.tick(now));
  }

  pause(): void {
    this.playing = false;
    cancelAnimationFrame(this.frame);
  }

  /** A hand takes over: it stops, and goes where the hand says. */
  take(cell: Cell): void {
    this.pause();
    this.put(cell[0] * this.shape[1] + cell[1]);
  }

  /** One step by hand. */
  step(by: 1 | -1 = 1): void {
    this.pause();
    this.advance(by);
  }

  private put(index: number): void {
    this.index = Math.min(Math.max(index, 0), this.size - 1);
    this.added = this.products ? 0 : Number.POSITIVE_INFINITY;
  }

  private advance(by: 1 | -1): void {
    if (!this.products) this.put(this.index + by);
    else if (by > 0 && this.summed < this.terms) this.added = this.summed + 1;
    else if (by < 0 && this.summed > 0) this.added = this.summed - 1;
    else this.put(this.index + by);
  }

  private tick(now: number): void {
    const { perSecond } = SPEEDS.find(({ name }) => name === this.speed) ?? SPEEDS[0];
    this.owed += (Math.min(now - this.before, 250) / 1000) * perSecond;
    this.before = now;
    for (; this.owed >= 1 && !this.ended; this.owed -= 1) this.advance(1);
    if (this.ended) this.pause();
    if (this.playing) this.frame = requestAnimationFrame((next) => this.tick(next));
  }
}
