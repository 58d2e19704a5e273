/**
 * What a run's network looks like at the step that is shown: its kernels, and what it makes of the pinned picture.
 *
 * A round of asks begins when the one before is answered: training is never made to wait for pictures of itself.
 */

import { SvelteMap } from "svelte/reactivity";
import { tilesOf, type Tile } from "../lib/maps";
import type { Asking, Listener, Stream } from "../lib/stream";
import type { Ask, Classification, Frame, Node, Problem } from "../lib/types";
import { assembled, entry, type Matrix } from "../panel/assemble";
import { kernelTiles, type Kernels } from "./kernels";
import { modelAt } from "./requests";
import { drawnOf, type Row } from "./wall";

/** Milliseconds between the beginnings of two rounds at least. */
const BETWEEN = 120;

export class Live {
  readonly kernels = new SvelteMap<string, Kernels>();
  readonly maps = new SvelteMap<string, ReadonlyMap<number, Tile>>();
  /** The kernels of a layer that reads the picture's colours, as pictures of their own. */
  readonly pictures = new SvelteMap<string, readonly Matrix[]>();
  said = $state.raw<Classification | null>(null);
  /** The step of what is drawn. */
  step = $state<number | null>(null);
  problem = $state.raw<Problem | null>(null);

  private wanted: { run: string; step: number; image: string | null } | null = null;
  private drawn = "";
  private asking: Asking[] = [];
  private open = 0;
  private next: ReturnType<typeof setTimeout> | undefined;
  private rows: readonly Row[] = [];

  constructor(private readonly stream: Stream) {}

  /** Forgets what was drawn: another network. */
  clear(): void {
    this.end();
    this.kernels.clear();
    this.maps.clear();
    this.pictures.clear();
    this.said = this.step = this.problem = this.wanted = null;
    this.drawn = "";
  }

  /** What is to be seen. The newest wish counts; the round before is answered first. */
  want(rows: readonly Row[], run: string, step: number, image: string | null): void {
    this.rows = rows;
    this.wanted = { run, step, image };
    if (this.open === 0 && this.next === undefined) this.begin();
  }

  private begin(): void {
    const { wanted } = this;
    const name = JSON.stringify(wanted);
    if (!wanted || name === this.drawn || !this.rows.length) return;
    this.drawn = name;
    this.problem = null;
    const { run, step, image } = wanted;
    const model = modelAt(run, step);
    const round: [Ask, Listener][] = this.rows
      .filter(({ node }) => node.operation === "convolution")
      .map(({ node }) => this.filters(node, model));
    if (image !== null) round.push(this.activations(model, image), this.classes(model, image));
    this.open = round.length;
    this.next = setTimeout(() => {
      this.next = undefined;
      if (this.open === 0) this.begin();
    }, BETWEEN);
    this.asking = round.map(([ask, listener]) => this.send(ask, listener, step));
  }

  private send(ask: Ask, listener: Listener, step: number): Asking {
    const closed = (): void => {
      this.open -= 1;
      if (this.open > 0) return;
      this.step = step;
      if (this.next === undefined) this.begin();
    };
    return this.stream.ask(ask, {
      ...listener,
      done: (message) => {
        listener.done?.(message);
        closed();
      },
      failed: (problem) => {
        // A snapshot that has passed is no trouble: the next one is on its way.
        if (!problem.type.endsWith("unknown_model")) this.problem = problem;
        closed();
      },
    });
  }

  private end(): void {
    clearTimeout(this.next);
    this.next = undefined;
    this.asking.forEach((asking) => asking.cancel());
    this.asking = [];
    this.open = 0;
  }

  private filters(node: Node, model: string): [Ask, Listener] {
    const { units, inputs, coloured } = drawnOf(node);
    const first = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
    const params = {
      node: node.name,
      units: first(units),
      ...(coloured ? { view: "colour" } : { view: "channels", inputs: first(inputs) }),
    };
    const wanted = coloured ? "pictures" : "kernels";
    let coming: Matrix | undefined;
    const frame = (frame: Frame): void => {
      if (frame.header.name !== wanted || frame.header.detail === "strip") return;
      if (coloured) coming = assembled(coming, frame);
      else this.kernels.set(node.name, kernelTiles(frame, this.kernels.get(node.name)));
    };
    const done = (): void => {
      if (!coming) return;
      const whole = coming;
      this.pictures.set(
        node.name,
        first(whole.shape[0] ?? 0).map((unit) => entry(whole, unit)),
      );
    };
    return [
      { method: "filters", model, params },
      { frame, done },
    ];
  }

  private activations(model: string, image: string): [Ask, Listener] {
    const nodes = this.rows.map(({ seen }) => seen.name);
    const frame = (frame: Frame): void => {
      const { node } = frame.header;
      if (node === null) return;
      this.maps.set(node, new Map([...(this.maps.get(node) ?? []), ...tilesOf(frame)]));
    };
    return [{ method: "activations", model, image, params: { nodes } }, { frame }];
  }

  private classes(model: string, image: string): [Ask, Listener] {
    const done: Listener["done"] = ({ values }) => (this.said = values as unknown as Classification);
    return [{ method: "classify", model, image, params: { k: 10 } }, { done }];
  }
}
