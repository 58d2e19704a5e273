/** Asks the server what the selection needs, and puts what it answers into the data. */

import * as api from "./api";
import { edits } from "./cuts";
import { data, PerFrame } from "./data.svelte";
import { framingOf } from "./framing";
import { shown } from "./passing.svelte";
import { selection } from "./selection.svelte";
import { fitting, setImageOrder } from "./samples";
import { Stream, type Asking, type Listener } from "./stream";
import { learn, t } from "./texts";
import type {
  Ask,
  CardSummary,
  Classification,
  Look,
  Method,
  Model,
  Problem,
  Sample,
  Statistics,
  Values,
} from "./types";

/** So many classes are named among the texts of the first view; of networks with more, each language has them apart. */
const FEW = 20;

/** What the page carries in itself, so that the first view waits for nothing. */
export interface FirstData {
  models?: CardSummary[];
  samples?: Sample[];
  methods?: Method[];
  default_model?: string;
  /** The first view's network, where it is quickly at hand. */
  model?: Model | null;
  /** Its texts, in the language of the document. */
  texts?: Record<string, string>;
}

export function readFirstData(document: Document): FirstData {
  const text = document.getElementById("first-data")?.textContent;
  return text ? (JSON.parse(text) as FirstData) : {};
}

export function problemOf(error: unknown): Problem {
  if (error instanceof api.Failure) return error.problem;
  return { type: "about:blank", title: t("failure.page"), status: 0, detail: String(error) };
}

/** Milliseconds in which all of a passing picture's answer comes, or else what has come is shown. */
const TOGETHER = 60;

export class Session {
  readonly stream: Stream;
  private readonly models = new Map<string, Model>();
  private readonly looks = new Map<string, Look[]>();
  private readonly perFrame = new PerFrame();
  private maps: Asking | null = null;
  private classes: Asking | null = null;
  private awaited: (() => void)[] = [];
  private lookSent = false;

  constructor(address: string) {
    this.stream = new Stream(address, (state, retry) => {
      data.connection = state;
      data.retryAt = state === "lost" ? Date.now() + (retry ?? 0) : null;
    });
  }

  /** Takes the first data, gets what is missing, and completes the selection with something to look at. */
  async start(first: FirstData): Promise<void> {
    if (first.model) this.models.set(first.model.card.id, first.model);
    try {
      [data.cards, data.samples, data.methods] = await Promise.all([
        first.models ?? api.models(),
        first.samples ?? api.samples(),
        first.methods ?? api.methods(),
      ]);
    } catch (error) {
      data.fail(problemOf(error));
      return;
    }
    const model = selection.model ?? first.default_model ?? data.cards[0]?.id ?? null;
    const image = selection.image ?? fitting(data.samples, model)[0]?.image ?? null;
    const { node, unit, at, open, target, layer, region } = selection;
    selection.go({ model, image, node, unit, at, open, target, layer, region });
  }

  /** Another network, or another image, or the same image framed in another way. */
  async show(model: string): Promise<void> {
    setImageOrder(fitting(data.samples, model).map((sample) => sample.image));
    if (data.model?.card.id !== model) {
      this.end();
      data.setModel(null);
      try {
        const known = this.models.get(model) ?? (await api.model(model));
        this.models.set(model, known);
        // Somebody may have chosen another one in the meantime.
        if (selection.model !== model) return;
        data.setModel(known);
        if (known.card.classes.length > FEW) void learn("classes");
      } catch (error) {
        if (selection.model === model) data.fail(problemOf(error));
        return;
      }
    }
    this.ask(model);
  }

  /** Resolves as soon as what is being asked is answered, or has failed, or was given up. */
  async settled(): Promise<void> {
    if (data.state === "computing") await new Promise<void>((resolve) => this.awaited.push(resolve));
  }

  private settle(): void {
    for (const resolve of this.awaited.splice(0)) resolve();
  }

  /** Asks the same again: after a failure, or after it was cancelled. */
  again(): void {
    data.image = null;
    if (selection.model) void this.show(selection.model);
  }

  /** Ends what is being computed; what has come stays. */
  cancel(): void {
    this.end();
    if (data.state === "computing") {
      data.fail({ type: "cancelled", title: t("failure.cancelled"), status: 0, detail: t("failure.cancelled") });
    }
  }

  /** Says what somebody has on screen: the panel's before the network's. The newest counts. */
  look(who: "panel" | "network", nodes: Look[]): void {
    if (JSON.stringify(this.looks.get(who) ?? []) === JSON.stringify(nodes)) return;
    this.looks.set(who, nodes);
    if (this.lookSent) return;
    this.lookSent = true;
    requestAnimationFrame(() => {
      this.lookSent = false;
      this.maps?.look(this.allLooks());
    });
  }

  private allLooks(): Look[] {
    return [...(this.looks.get("panel") ?? []), ...(this.looks.get("network") ?? [])];
  }

  private end(): void {
    this.maps?.cancel();
    this.classes?.cancel();
    this.maps = this.classes = null;
    this.settle();
  }

  private ask(model: string): void {
    const { image, framing, live } = shown();
    const { cuts } = selection;
    const same = data.image === image && data.framing === framing;
    if (same && String(data.cuts) === String(cuts) && image !== null) return;
    this.end();
    // What follows a cut takes the place of what was there, map for map.
    data.forget(image, framing, live || (same && String(data.cuts) !== String(cuts)));
    data.cuts = cuts;
    if (image === null) return;
    const whole = { model, image, framing: framingOf(framing) };
    /** The same of the network with the cuts in it. */
    const asked = (method: string, wanted: string, params: Values): Ask =>
      cuts.length
        ? { ...whole, method: "operated", params: { ...params, wanted, edits: edits(cuts) } }
        : { ...whole, method, params };
    this.maps = this.stream.ask(asked("activations", "maps", {}), this.mapsListener(image, framing), {
      slot: "explore",
      deliver: "look",
      dtype: "u8",
    });
    const looks = this.allLooks();
    if (looks.length) this.maps.look(looks);
    this.classes = this.stream.ask(
      asked("classify", "classes", { k: 10 }),
      {
        done: ({ values }) => this.soon(() => (data.classification = values as unknown as Classification)),
        failed: (problem) => this.soon(() => (data.problem ??= problem)),
      },
      { slot: "classify", deliver: "none" },
    );
  }

  /** With the next frame; of pictures that follow one another all at once, so that each is drawn once. */
  private soon(change: () => void): void {
    this.perFrame.add(change, data.live && data.state === "computing" ? TOGETHER : 0);
  }

  private mapsListener(image: string, framing: string | null): Listener {
    const soon = (change: () => void): void =>
      this.soon(() => {
        if (data.image === image && data.framing === framing) change();
      });
    return {
      accepted: (answer) => soon(() => (data.answer = answer)),
      progress: ({ step, steps, values }) =>
        soon(() => {
          data.progress = { step, steps };
          data.addStatistics((values?.["statistics"] ?? {}) as Record<string, Statistics>);
        }),
      frame: (frame) => soon(() => data.addFrame(frame)),
      done: ({ values, milliseconds }) => {
        soon(() => {
          data.addStatistics((values["statistics"] ?? {}) as Record<string, Statistics>);
          data.progress = { step: data.progress.steps, steps: data.progress.steps };
          data.milliseconds = milliseconds;
          data.state = "done";
          this.settle();
        });
        if (data.live) this.perFrame.run();
      },
      failed: (problem) =>
        soon(() => {
          data.fail(problem);
          this.settle();
        }),
    };
  }
}

let current: Session | null = null;

/** The page's session, made at its first use: opening the stream early is the point. */
export function session(): Session {
  current ??= new Session(api.streamAddress(location));
  return current;
}
