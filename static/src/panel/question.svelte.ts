/** One thing that the panel asks of the server, and how its answer is coming along. */

import { untrack } from "svelte";
import { PerFrame } from "../lib/data.svelte";
import { session } from "../lib/session.svelte";
import type { Asking } from "../lib/stream";
import type { Ask, DataType, Problem, State } from "../lib/types";
import { assembled } from "./assemble";
import { known, NOTHING, remember, type Answered } from "./memory";

export class Question {
  state = $state<State>("waiting");
  problem = $state.raw<Problem | null>(null);
  /** What has come so far. */
  answered = $state.raw<Answered>(NOTHING);
  /** What is asked. */
  asked = $state.raw<Ask | null>(null);
  /** Whether somebody ended it before it was done. */
  stopped = $state(false);

  /** What of it can be taken away. */
  readonly taken = $derived({
    ask: this.asked,
    answer: this.state === "done" ? this.answered.answer : null,
    arrays: Object.keys(this.answered.arrays),
  });

  private asking: Asking | null = null;
  private readonly perFrame = new PerFrame();

  /** A newer question in the same slot ends the older one. */
  constructor(
    private readonly slot: string,
    private readonly dtype: DataType = "f32",
  ) {}

  /** Asks, unless just this has been asked. An effect that asks does not depend on how the answer is coming along. */
  ask(ask: Ask | null): void {
    if (ask) untrack(() => this.askOnce(ask));
  }

  private askOnce(ask: Ask): void {
    if (JSON.stringify(ask) === JSON.stringify(this.asked) && !this.stopped && this.state !== "failed") return;
    this.stop();
    this.asked = ask;
    this.problem = null;
    this.stopped = false;
    const before = known(ask);
    if (before) {
      this.answered = before;
      this.state = "done";
      return;
    }
    // The answer to another question would be a lie under the name of this one.
    this.answered = NOTHING;
    this.state = "computing";
    this.begin(ask);
  }

  /** Ends it; what has come stays. */
  stop(): void {
    this.asking?.cancel();
    this.asking = null;
    if (this.state === "computing") {
      this.state = "waiting";
      this.stopped = true;
    }
  }

  /** Ends it and forgets what has come. */
  clear(): void {
    this.stop();
    this.answered = NOTHING;
    this.asked = null;
    this.problem = null;
    this.stopped = false;
    this.state = "waiting";
  }

  private begin(ask: Ask): void {
    let coming = NOTHING;
    const soon = (change: () => void): void =>
      this.perFrame.add(() => {
        if (this.asked === ask && this.state === "computing") change();
      });
    const grow = (more: Partial<Answered>): void => {
      coming = { ...coming, ...more };
      this.answered = coming;
    };
    this.asking = session().stream.ask(
      ask,
      {
        asked: () => (coming = NOTHING),
        accepted: (answer) => soon(() => (coming = { ...coming, answer })),
        progress: ({ step, steps, values }) =>
          soon(() => grow({ step, steps, values: { ...coming.values, ...values } })),
        frame: (frame) =>
          soon(() => {
            const matrix = assembled(coming.arrays[frame.header.name], frame);
            if (matrix) grow({ arrays: { ...coming.arrays, [frame.header.name]: matrix } });
          }),
        done: ({ answer, values }) =>
          soon(() => {
            grow({ answer, values: { ...coming.values, ...values } });
            remember(ask, coming);
            this.state = "done";
          }),
        failed: (problem) =>
          soon(() => {
            this.problem = problem;
            this.state = "failed";
          }),
      },
      { slot: this.slot, deliver: "all", dtype: this.dtype },
    );
  }
}
