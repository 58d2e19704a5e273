/** How far somebody has come with the tour, kept in this browser. */

const STORED = "convscope.tour";

class Progress {
  /** The step at which it was left; null before it began and after it ended. */
  step = $state<number | null>(null);
  /** Whether it was offered on an earlier visit, or has been begun. */
  offered = $state(false);

  recall(): void {
    const kept = localStorage.getItem(STORED);
    this.offered = kept !== null;
    this.step = Number(kept) || null;
    // Offered once: on the next visit it is a plain word.
    if (kept === null) localStorage.setItem(STORED, "0");
  }

  keep(step: number | null): void {
    this.step = step;
    this.offered = true;
    localStorage.setItem(STORED, String(step ?? 0));
  }
}

export const progress = new Progress();
