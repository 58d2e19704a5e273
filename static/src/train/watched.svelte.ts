/** The run that is looked at: what the stream tells of it, and what is done to it. */

import { Failure } from "../lib/api";
import type { Stream, Watching } from "../lib/stream";
import type { Problem } from "../lib/types";
import { EMPTY, grown } from "./curve";
import * as requests from "./requests";
import type { Curve, Judgement, Recipe, Run } from "./types";

/** So often a second news of a run is wanted. */
const RATE = 8;

const GOING = ["waiting", "starting", "running"];

export const going = (run: Run): boolean => GOING.includes(run.state);

export class Watched {
  /** The run that is asked for, whether it is there yet or not. */
  id = $state<string | null>(null);
  run = $state.raw<Run | null>(null);
  curve = $state.raw<Curve>(EMPTY);
  /** The newest evaluation with what was taken for what. */
  newest = $state.raw<Judgement | null>(null);
  problem = $state.raw<Problem | null>(null);
  /** The step whose pictures are shown; null is whatever is newest. */
  at = $state<number | null>(null);
  readonly going = $derived(this.run !== null && going(this.run));
  /** The step of the weights that are looked at. */
  readonly shown: number | null = $derived(this.run && (this.at ?? this.run.snapshot));

  private watching: Watching | null = null;

  constructor(private readonly stream: Stream) {}

  open(id: string | null, at: number | null = null): void {
    this.at = at;
    if (id === this.id) return;
    this.close();
    this.id = id;
    if (id === null) return;
    this.watching = this.stream.watch(id, RATE, {
      news: ({ run, curve, evaluation }) => this.hear(run as Run, curve as Curve, evaluation as Judgement | undefined),
      failed: (problem) => (this.problem = problem),
    });
  }

  close(): void {
    this.watching?.cancel();
    this.watching = null;
    this.run = this.newest = this.problem = null;
    this.curve = EMPTY;
  }

  private hear(run: Run, curve: Curve, evaluation: Judgement | undefined): void {
    this.problem = null;
    this.run = run;
    this.curve = grown(this.curve, curve);
    if (evaluation) this.newest = evaluation;
    const last = this.curve.steps.at(-1);
    if (this.watching && last !== undefined) this.watching.since = last;
  }

  /** Gives an order; what the server answers is shown at once. */
  order(what: requests.Order): Promise<void> {
    // What goes on is looked at as it goes on.
    if (what === "play" || what === "step") this.at = null;
    return this.take((id) => requests.order(id, what));
  }

  change(changes: Partial<Recipe> & { title?: string }): Promise<void> {
    return this.take((id) => requests.change(id, changes));
  }

  private async take(ask: (id: string) => Promise<Run>): Promise<void> {
    if (!this.run) return;
    const { id } = this.run;
    try {
      const run = await ask(id);
      this.problem = null;
      if (this.run.id === id) this.run = run;
    } catch (error) {
      this.fail(error);
    }
  }

  fail(error: unknown): void {
    if (!(error instanceof Failure)) throw error;
    this.problem = error.problem;
  }
}
