/** A blink comparator: several maps take turns in one place, and a single one takes turns with the bare picture. */

import { MediaQuery } from "svelte/reactivity";

/** Milliseconds for which each is seen: two changes in three seconds, well below what may hurt. */
const TURN = 900;

export class Blink {
  on = $state(false);
  turn = $state(0);
  private clock: ReturnType<typeof setInterval> | undefined;
  private readonly still = new MediaQuery("prefers-reduced-motion: reduce");

  /** `count` tells how many maps there are. */
  constructor(private readonly count: () => number) {}

  /** Begins, or ends. Where motion is not wanted it goes on by one instead, and ends after the last. */
  toggle(): void {
    if (!this.on) {
      this.on = true;
      this.turn = 0;
      if (!this.still.current) this.clock = setInterval(() => this.next(), TURN);
    } else if (this.still.current && this.turn < this.turns() - 1) this.next();
    else this.stop();
  }

  stop(): void {
    clearInterval(this.clock);
    this.on = false;
    this.turn = 0;
  }

  /** Whether it isn't this map's turn. */
  hides(index: number): boolean {
    return this.on && this.count() > 1 && index !== this.turn;
  }

  /** Whether the picture is seen without its only map. */
  bares(): boolean {
    return this.on && this.count() === 1 && this.turn === 1;
  }

  private turns(): number {
    return Math.max(this.count(), 2);
  }

  private next(): void {
    this.turn = (this.turn + 1) % this.turns();
  }
}
