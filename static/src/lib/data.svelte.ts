/**
 * What is known: the network, and what it makes of the image. Filled by the session; read by everything that draws.
 *
 * Maps are kept outside of Svelte's state; `versions` counts per node, so that a canvas redraws what has changed and
 * nothing else does. Everything that arrives is applied once per animation frame.
 */

import { SvelteMap } from "svelte/reactivity";
import { shownRange } from "./colours";
import { framingOf } from "./framing";
import { tilesOf, type Tile } from "./maps";
import { called } from "./told";
import type { Connection } from "./stream";
import type {
  CardSummary,
  Classification,
  Frame,
  Method,
  Model,
  Node,
  Pair,
  Problem,
  Sample,
  State,
  Statistics,
} from "./types";
import type { Range } from "./view";

/** How strongly that is drawn which is about to be replaced by the new picture's maps. */
const STALE = 0.25;
/** Milliseconds for which nobody minds what they saw before. */
const MOMENT = 300;
/** Milliseconds between changes of a page that nobody sees. */
const HIDDEN = 250;

export class Data {
  cards = $state.raw<CardSummary[]>([]);
  samples = $state.raw<Sample[]>([]);
  methods = $state.raw<Method[]>([]);

  /** The network at hand; null until it is known. */
  model = $state.raw<Model | null>(null);
  readonly nodes: ReadonlyMap<string, Node> = $derived(
    new Map(this.model?.graph.nodes.map((node) => [node.name, node])),
  );

  /** What its classes are called, in the page's language. */
  readonly classes: readonly string[] = $derived(this.model?.card.classes.map(called) ?? []);

  /** The image that the maps below were computed from, or are being computed from. */
  image = $state.raw<string | null>(null);
  /** How that image is fitted to the input. */
  framing = $state.raw<string | null>(null);
  /** What was changed in the network for these maps. */
  cuts = $state.raw<readonly string[]>([]);
  /** What an ask names about it. */
  readonly subject = $derived({ image: this.image, framing: framingOf(this.framing) });
  readonly statistics = new SvelteMap<string, Statistics>();
  readonly versions = new SvelteMap<string, number>();
  classification = $state.raw<Classification | null>(null);

  /** How the ask for all maps is doing. */
  state = $state<State>("waiting");
  problem = $state.raw<Problem | null>(null);
  progress = $state.raw({ step: 0, steps: 0 });
  milliseconds = $state<number | null>(null);
  /** The answer's permanent name, for links and downloads. */
  answer = $state<string | null>(null);

  connection = $state<Connection>("connecting");
  /** When the next attempt to connect comes, as `Date.now()` has it. */
  retryAt = $state<number | null>(null);

  private readonly tiles = new Map<string, Map<number, Tile>>();
  private readonly fresh = new SvelteMap<string, true>();
  /** The nodes whose statistics are of this image. */
  private readonly told = new Set<string>();
  /** Whether this image is one of those that follow one another: strokes of a pen, pictures of the camera. */
  live = $state(false);
  /** Whether this image's maps are so long in coming that those of the one before must not pass for them. */
  late = $state(false);
  private lateness: ReturnType<typeof setTimeout> | undefined;

  /** A unit's map; of the image before, while its own is on the way. Redraws when `versions` of the node changes. */
  tile(node: string, unit: number): Tile | undefined {
    this.versions.get(node);
    return this.tiles.get(node)?.get(unit);
  }

  /** The units of a node whose maps are at hand. */
  unitsAtHand(node: string): ReadonlyMap<number, Tile> {
    this.versions.get(node);
    return this.tiles.get(node) ?? new Map<number, Tile>();
  }

  /** Whether what is at hand of a node is of this image, not of the one before. */
  isFresh(node: string): boolean {
    return this.fresh.has(node);
  }

  /** How strongly a node's maps are drawn: faintly where they are another image's for longer than a moment. */
  strength(node: string): number {
    return this.late && !this.isFresh(node) ? STALE : 1;
  }

  tileState(node: string, unit: number): State {
    const tile = this.tile(node, unit);
    // Of pictures that follow one another each map stays until the next one takes its place.
    const stays = this.live && !this.late && this.state === "computing";
    if (tile && (stays || this.isFresh(node))) return "done";
    // What nobody looks at is not sent: a finished ask doesn't mean that every map has come.
    return this.state === "done" ? "waiting" : this.state;
  }

  /** The range in which a unit is shown: its own, its layer's, or the whole net's. */
  range(node: string, unit: number | null, range: Range): Pair {
    const kind = this.nodes.get(node)?.kind ?? "signed";
    const statistics = this.statistics.get(node);
    if (range === "unit" && unit !== null) {
      const own = this.tile(node, unit)?.own;
      return own ?? shownRange(kind, [statistics?.min?.[unit] ?? 0, statistics?.max?.[unit] ?? 0]);
    }
    if (range === "net") return shownRange(kind, this.netRange);
    return shownRange(kind, statistics?.range ?? [0, 0]);
  }

  /** The smallest and largest value of all nodes after the input. */
  readonly netRange: Pair = $derived.by(() => {
    let [low, high] = [0, 0];
    for (const [name, { range }] of this.statistics) {
      if (this.nodes.get(name)?.inputs.length === 0) continue;
      [low, high] = [Math.min(low, range[0]), Math.max(high, range[1])];
    }
    return [low, high];
  });

  /** Another network: nothing that was known of the former holds. */
  setModel(model: Model | null): void {
    this.model = model;
    this.tiles.clear();
    this.versions.clear();
    this.statistics.clear();
    this.forget(null);
  }

  /**
   * Another image, or the same once more: maps and numbers stay until theirs come, and are known not to be fresh. Of
   * pictures that follow one another (`live`), so do the classes, and nothing flickers.
   */
  forget(image: string | null, framing: string | null = null, live = false): void {
    this.image = image;
    this.framing = framing;
    this.live = live;
    this.fresh.clear();
    this.told.clear();
    this.late = false;
    clearTimeout(this.lateness);
    this.lateness = setTimeout(() => (this.late = this.state === "computing"), MOMENT);
    if (!live) this.classification = null;
    this.problem = null;
    this.milliseconds = null;
    this.answer = null;
    this.progress = { step: 0, steps: 0 };
    this.state = image === null ? "waiting" : "computing";
  }

  /** It failed: maps of another image would only mislead. */
  fail(problem: Problem): void {
    this.state = "failed";
    this.problem = problem;
    for (const node of this.statistics.keys()) if (!this.told.has(node)) this.statistics.delete(node);
    for (const node of this.tiles.keys()) {
      if (!this.fresh.has(node)) this.tiles.delete(node);
      this.touch(node);
    }
  }

  /** Numbers about nodes' values have arrived; the first to come of this image are kept. */
  addStatistics(numbers: Readonly<Record<string, Statistics>>): void {
    for (const [node, about] of Object.entries(numbers)) {
      if (this.told.has(node)) continue;
      this.told.add(node);
      this.statistics.set(node, about);
    }
  }

  /** Maps have arrived. True pixels are never replaced by fewer. */
  addFrame(frame: Frame): void {
    const node = frame.header.node ?? frame.header.name;
    if (!this.fresh.has(node)) {
      this.tiles.set(node, new Map());
      this.fresh.set(node, true);
    }
    const known = this.tiles.get(node);
    for (const [unit, tile] of tilesOf(frame)) {
      const present = known?.get(unit);
      if (!present || (!present.exact && tile.rows * tile.columns >= present.rows * present.columns)) {
        known?.set(unit, tile);
      }
    }
    this.touch(node);
  }

  private touch(node: string): void {
    this.versions.set(node, (this.versions.get(node) ?? 0) + 1);
  }
}

export const data = new Data();

/** Runs what has been put in, in order, once per animation frame; a hidden page has none, and is served by a clock. */
export class PerFrame {
  private waiting: (() => void)[] = [];

  /** `patience` in ms: for so long more may come before any of it is done. */
  add(change: () => void, patience = 0): void {
    this.waiting.push(change);
    if (this.waiting.length > 1) return;
    const wait = document.visibilityState === "hidden" ? HIDDEN : patience;
    if (wait) setTimeout(() => this.run(), wait);
    else requestAnimationFrame(() => this.run());
  }

  /** Does at once what waits. */
  run(): void {
    const changes = this.waiting;
    this.waiting = [];
    for (const change of changes) change();
  }
}
