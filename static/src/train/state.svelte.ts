/** Everything the Train page knows: the set-up, the runs, the one that is looked at, and its pictures. */

import { Failure, get, streamAddress } from "../lib/api";
import { Stream, type Connection } from "../lib/stream";
import type { Node, Problem } from "../lib/types";
import { readView, writeView } from "../lib/query";
import { selection } from "../lib/selection.svelte";
import { EMPTY } from "./curve";
import { Live } from "./live.svelte";
import { complete, defaultRecipe, readPlan, writePlan } from "./plan";
import * as requests from "./requests";
import type { Curve, Options, Plan, Recipe, Run } from "./types";
import { rowsOf, type Row } from "./wall";
import { Watched } from "./watched.svelte";

export class Training {
  options = $state.raw<Options | null>(null);
  plan = $state.raw<Plan | null>(null);
  runs = $state.raw<readonly Run[]>([]);
  beside = $state.raw<readonly { id: string; title: string; curve: Curve }[]>([]);
  problem = $state.raw<Problem | null>(null);
  connection = $state<Connection>("connecting");
  /** Whether a run is being made. */
  busy = $state(false);
  rows = $state.raw<readonly Row[]>([]);
  /** The number of the pinned picture among those of the test, and the picture itself. */
  pin = $state(0);
  image = $state<string | null>(null);
  readonly watched: Watched;
  readonly live: Live;
  readonly defaults: Recipe | null = $derived(this.options && defaultRecipe(this.options));

  constructor() {
    const stream = new Stream(streamAddress(location), (state) => (this.connection = state));
    this.watched = new Watched(stream);
    this.live = new Live(stream);
  }

  async start(): Promise<void> {
    try {
      [this.options, this.runs] = await Promise.all([requests.options(), requests.runs()]);
    } catch (error) {
      this.fail(error);
      return;
    }
    this.restore();
  }

  /** Takes over what the address says. */
  restore(): void {
    const query = new URLSearchParams(location.search);
    const { options, defaults } = this;
    if (!options || !defaults) return;
    const { example } = options;
    const usual: Plan = { ...example, architecture: null, recipe: complete(example.recipe, defaults) };
    this.plan = readPlan(query, defaults) ?? this.plan ?? usual;
    this.pin = Number(query.get("pin") ?? 0) || 0;
    const at = query.get("at");
    this.watched.open(query.get("run"), at === null ? null : Number(at));
  }

  /** Writes the view into the address; `step` makes it one that the back button undoes. */
  write(run: string | null, step = false): void {
    const { theme, lang, hide } = selection;
    const query = new URLSearchParams(writeView({ ...readView(""), theme, lang, hide }));
    if (run !== null) {
      query.set("run", run);
      if (this.watched.at !== null) query.set("at", String(this.watched.at));
      if (this.pin) query.set("pin", String(this.pin));
    } else if (this.plan && this.defaults) writePlan(query, this.plan, this.defaults);
    const written = query.toString().replaceAll("%2C", ",");
    const address = location.pathname + (written ? `?${written}` : "");
    if (address === location.pathname + location.search) return;
    if (step) history.pushState(null, "", address);
    else history.replaceState(null, "", address);
  }

  openRun(id: string | null, at: number | null = null): void {
    this.problem = null;
    this.watched.open(id, at);
    this.write(id, true);
  }

  /** Puts another set-up together: that of the run at hand to begin with. */
  anew(): void {
    const { run } = this.watched;
    if (run) this.plan = { ...run.plan, recipe: run.plan.recipe };
    this.openRun(null);
  }

  setPlan(plan: Plan): void {
    this.plan = plan;
    this.problem = null;
    this.write(null);
  }

  async play(title: string): Promise<void> {
    if (!this.plan || this.busy) return;
    this.busy = true;
    await this.tried(async (plan) => {
      const run = await requests.begin(plan, title, true);
      this.runs = [run, ...this.runs];
      this.openRun(run.id);
    }, this.plan);
    this.busy = false;
  }

  pickPicture(index: number): void {
    this.pin = Math.max(index, 0);
    this.write(this.watched.run?.id ?? null);
  }

  pickStep(step: number | null): void {
    this.watched.at = step;
    this.write(this.watched.run?.id ?? null);
  }

  /** The network's layers, once for each run. */
  async learnLayers(id: string): Promise<void> {
    this.live.clear();
    this.rows = [];
    await this.tried(async (run) => {
      const { nodes } = await get<{ nodes: Node[] }>(
        `/models/${encodeURIComponent(requests.modelAt(run, this.watched.run?.checkpoints[0] ?? 0))}/layers`,
      );
      if (this.watched.run?.id === run) this.rows = rowsOf(nodes);
    }, id);
  }

  async fetchPicture(id: string, index: number): Promise<void> {
    await this.tried(async (run) => {
      const { id: image } = await requests.picture(run, index);
      if (this.watched.run?.id === run && this.pin === index) this.image = image;
    }, id);
  }

  async refresh(): Promise<void> {
    await this.tried(async () => (this.runs = await requests.runs()), null);
  }

  rename(run: Run, title: string): Promise<void> {
    return this.tried(() => requests.change(run.id, { title }).then(() => this.refresh()), null);
  }

  remove(run: Run): Promise<void> {
    return this.tried(async () => {
      await requests.remove(run.id);
      this.runs = this.runs.filter(({ id }) => id !== run.id);
      if (this.watched.run?.id === run.id) this.openRun(null);
    }, null);
  }

  goBack(step: number): Promise<void> {
    return this.tried(async () => {
      if (!this.watched.run) return;
      const run = await requests.back(this.watched.run.id, step);
      this.runs = [run, ...this.runs];
      this.openRun(run.id);
    }, null);
  }

  publish(run: Run): Promise<void> {
    return this.tried(async () => {
      const { id } = await requests.publish(run.id, run.checkpoints.at(-1) ?? 0, run.title);
      location.assign(`/?${new URLSearchParams({ model: id })}`);
    }, null);
  }

  toggleBeside(id: string): Promise<void> {
    if (this.beside.some((one) => one.id === id)) {
      this.beside = this.beside.filter((one) => one.id !== id);
      return Promise.resolve();
    }
    return this.tried(async () => {
      const curve = await requests.curve<Curve>(id);
      const title = this.runs.find((run) => run.id === id)?.title ?? id;
      this.beside = [...this.beside, { id, title, curve: { ...EMPTY, ...curve } }];
    }, null);
  }

  private async tried<Given>(act: (given: Given) => Promise<unknown>, given: Given): Promise<void> {
    try {
      await act(given);
    } catch (error) {
      this.fail(error);
    }
  }

  private fail(error: unknown): void {
    if (!(error instanceof Failure)) throw error;
    this.problem = error.problem;
  }
}
