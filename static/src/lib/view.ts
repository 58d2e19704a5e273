/**
 * What a view is: the table of its properties.
 *
 * The table is the only place that knows them: from it come the URL (`query.ts`), the keys that are bound
 * and the list of keys that `?` shows.
 */

import { parseFraming } from "./framing";
import { after, list, magnification, natural, oneOf, place, share, text, zoomed } from "./parse";
import type { Selection } from "./selection.svelte";
import type { Surgeon } from "./surgeon.svelte";
import { LANGUAGES } from "./texts";

export type Range = "unit" | "layer" | "net";
export type ThemeChoice = "auto" | "light" | "dark";
export type InputTool = "fit" | "brush" | "draw" | "camera";
export type Level = "network" | "layer" | "unit" | "value";

export interface View {
  mode: "explore";
  model: string | null;
  image: string | null;
  /** How the picture is fitted to the input; see `framing.ts`. */
  framing: string | null;
  /** Which tool for the input is open. */
  input: InputTool | null;
  node: string | null;
  unit: number | null;
  at: [row: number, column: number] | null;
  /** The methods whose answers lie over the picture; none is those that lead, null is nothing. */
  why: readonly string[] | null;
  /** The class that is explained, where it isn't the most probable one, and the layer where a method asks for one. */
  target: number | null;
  layer: string | null;
  /** The middle of the region that is asked about, in pixels of the network's input. */
  region: [row: number, column: number] | null;
  /** How much of the picture a map over it covers. */
  opacity: number;
  /** What is changed in the network, for this view alone; see `cuts.ts`. */
  cuts: readonly string[];
  /** The data set that units are looked for in, where it isn't the method's own. */
  data: string | null;
  range: Range;
  open: readonly string[] | null;
  zoom: number;
  theme: ThemeChoice;
  lang: string | null;
  hide: readonly string[];
  /** In which order a page lists what it lists: the name of a column, “-” before it for the largest first. */
  sort: string | null;
  stage: boolean;
  /** The step of the tour, counted from 1. */
  tour: number | null;
}

/**
 * A key, or several that belong together, and the text that says what they do.
 *
 * `run` does it unless a tile or map does; false says that there was nothing to do. Without it, a part of the page
 * offers a command under the text's name (`commands.ts`) or handles the key in its own elements.
 */
export interface Key {
  keys: readonly string[];
  text: string;
  run?: (selection: Selection) => unknown;
}

export interface Property<Name extends keyof View> {
  /** What it is before anything is chosen; not written into the URL. */
  initial: View[Name];
  parse: (text: string) => View[Name] | undefined;
  write: (value: NonNullable<View[Name]>) => string;
  /** Whether a change is a step that the browser's back button undoes. */
  step: boolean;
  /** Whether it is part of what is seen, and not of the frame around it. */
  seen: boolean;
  keys: readonly Key[];
}

export const RANGES: readonly Range[] = ["unit", "layer", "net"];
export const TOOLS: readonly InputTool[] = ["fit", "brush", "draw", "camera"];
/** Tools whose own pictures take the place of the one that is chosen. */
export const makesPictures = (tool: InputTool | null): boolean => tool === "draw" || tool === "camera";
export const THEMES: readonly ThemeChoice[] = ["auto", "light", "dark"];
/** What a teacher can take away with `hide=`. */
export const CONTROLS: readonly string[] = [
  "modes",
  "model",
  "why",
  "samples",
  "upload",
  "tour",
  "range",
  "stage",
  "theme",
  "language",
  "keys",
  "views",
  "link",
];
/** Whoever operates comes when called. */
const surgeon = async (act: (surgeon: Surgeon) => void): Promise<void> =>
  act((await import("./surgeon.svelte")).surgeon);
const focus = (id: string): void => document.getElementById(id)?.focus();

/** The table. Its order is that of the URL and of the list of keys. */
export const PROPERTIES: { readonly [Name in keyof View]: Property<Name> } = {
  mode: {
    initial: "explore",
    parse: oneOf(["explore"]),
    write: text,
    step: true,
    seen: false,
    keys: [
      { keys: ["?"], text: "keys.help", run: (selection) => (selection.helping = !selection.helping) },
      { keys: ["Escape"], text: "keys.out", run: (selection) => selection.out() },
    ],
  },
  model: {
    initial: null,
    parse: text,
    write: text,
    step: true,
    seen: true,
    keys: [{ keys: ["m"], text: "keys.model", run: () => focus("model") }],
  },
  image: {
    initial: null,
    parse: text,
    write: text,
    step: true,
    seen: true,
    keys: [
      { keys: ["i"], text: "keys.image", run: (selection) => selection.nextImage(1) },
      { keys: ["I"], text: "keys.image.before", run: (selection) => selection.nextImage(-1) },
      { keys: ["Control+v"], text: "keys.paste" },
    ],
  },
  framing: { initial: null, parse: parseFraming, write: text, step: false, seen: true, keys: [] },
  input: {
    initial: null,
    parse: oneOf(TOOLS),
    write: text,
    step: false,
    seen: true,
    keys: [
      { keys: ["e"], text: "keys.fit", run: (selection) => selection.toggleTool("fit") },
      { keys: ["b"], text: "keys.brush", run: (selection) => selection.toggleTool("brush") },
      { keys: ["d"], text: "keys.draw", run: (selection) => selection.toggleTool("draw") },
      { keys: ["c"], text: "keys.camera", run: (selection) => selection.toggleTool("camera") },
      { keys: [" "], text: "keys.freeze" },
    ],
  },
  node: {
    initial: null,
    parse: text,
    write: text,
    step: true,
    seen: true,
    keys: [
      { keys: ["ArrowLeft", "ArrowRight"], text: "keys.node" },
      { keys: [..."123456789"], text: "keys.jump" },
      { keys: ["Enter"], text: "keys.in" },
    ],
  },
  unit: {
    initial: null,
    parse: natural,
    write: String,
    step: true,
    seen: true,
    keys: [
      { keys: ["ArrowUp", "ArrowDown"], text: "keys.unit" },
      { keys: ["Home", "End"], text: "keys.unit.ends" },
    ],
  },
  at: {
    initial: null,
    parse: place,
    write: (value) => value.join(","),
    step: false,
    seen: true,
    keys: [{ keys: ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"], text: "keys.at" }],
  },
  why: {
    initial: null,
    parse: list,
    write: (value) => value.join(","),
    step: true,
    seen: true,
    keys: [
      { keys: ["w"], text: "keys.why", run: (selection) => selection.toggleWhy() },
      { keys: ["x"], text: "keys.blink" },
    ],
  },
  target: { initial: null, parse: natural, write: String, step: false, seen: true, keys: [] },
  layer: { initial: null, parse: text, write: text, step: false, seen: true, keys: [] },
  region: { initial: null, parse: place, write: (at) => at.join(","), step: false, seen: true, keys: [] },
  opacity: { initial: 0.7, parse: share, write: String, step: false, seen: true, keys: [] },
  cuts: {
    initial: [],
    parse: list,
    write: (value) => value.join(","),
    step: true,
    seen: true,
    keys: [
      { keys: ["Delete"], text: "keys.cut", run: () => surgeon((surgeon) => surgeon.toggleHere()) },
      { keys: ["z"], text: "keys.cut.undo", run: () => surgeon((surgeon) => surgeon.undo()) },
      { keys: ["Z"], text: "keys.cut.redo", run: () => surgeon((surgeon) => surgeon.redo()) },
    ],
  },
  data: { initial: null, parse: text, write: text, step: false, seen: true, keys: [] },
  range: {
    initial: "layer",
    parse: oneOf(RANGES),
    write: text,
    step: false,
    seen: true,
    keys: [
      { keys: ["r"], text: "keys.range", run: (selection) => selection.go({ range: after(RANGES, selection.range) }) },
    ],
  },
  open: {
    initial: null,
    parse: list,
    write: (value) => value.join(","),
    step: false,
    seen: true,
    keys: [
      { keys: ["o"], text: "keys.open" },
      { keys: ["O"], text: "keys.open.all" },
    ],
  },
  zoom: {
    initial: 1,
    parse: magnification,
    write: (zoom) => String(Number(zoom.toFixed(2))),
    step: false,
    seen: true,
    keys: [
      { keys: ["+"], text: "keys.zoom.in", run: (selection) => selection.go({ zoom: zoomed(selection.zoom, 1) }) },
      { keys: ["-"], text: "keys.zoom.out", run: (selection) => selection.go({ zoom: zoomed(selection.zoom, -1) }) },
      { keys: ["0"], text: "keys.zoom.none", run: (selection) => selection.go({ zoom: 1 }) },
    ],
  },
  theme: {
    initial: "auto",
    parse: oneOf(THEMES),
    write: text,
    step: false,
    seen: false,
    keys: [
      { keys: ["t"], text: "keys.theme", run: (selection) => selection.go({ theme: after(THEMES, selection.theme) }) },
    ],
  },
  lang: {
    initial: null,
    parse: oneOf(LANGUAGES),
    write: text,
    step: false,
    seen: false,
    keys: [
      {
        keys: ["l"],
        text: "keys.language",
        run: (selection) => selection.go({ lang: after(LANGUAGES, selection.language) }),
      },
    ],
  },
  sort: { initial: null, parse: text, write: text, step: false, seen: false, keys: [] },
  stage: {
    initial: false,
    parse: (given) => (given === "1" ? true : undefined),
    write: () => "1",
    step: false,
    seen: false,
    keys: [
      { keys: ["f"], text: "keys.stage", run: (selection) => selection.go({ stage: !selection.stage }) },
      { keys: ["PageDown"], text: "keys.view.next" },
      { keys: ["PageUp"], text: "keys.view.before" },
      { keys: ["."], text: "keys.blank" },
      { keys: ["k"], text: "keys.view.keep" },
    ],
  },
  tour: {
    initial: null,
    parse: (given) => natural(given) || undefined,
    write: String,
    step: true,
    seen: false,
    keys: [
      { keys: ["n"], text: "keys.tour.next" },
      { keys: ["p"], text: "keys.tour.back" },
    ],
  },
  hide: { initial: [], parse: list, write: (value) => value.join(","), step: false, seen: false, keys: [] },
};

export const NAMES = Object.keys(PROPERTIES) as (keyof View)[];

/** All keys with what they do, in the order of the table. */
export const KEYS: readonly Key[] = NAMES.flatMap((name) => PROPERTIES[name].keys);
