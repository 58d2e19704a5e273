/**
 * What is being looked at: the one typed store of the view.
 *
 * The table of properties below is the only place that knows them: the URL is parsed and written from it, and so are
 * the keys that are bound and the list of keys that `?` shows.
 */

import { imageOrder } from "./samples";

export type Range = "unit" | "layer" | "net";
export type ThemeChoice = "auto" | "light" | "dark";
export type Level = "network" | "layer" | "unit" | "value";

export interface View {
  mode: "explore";
  model: string | null;
  image: string | null;
  node: string | null;
  unit: number | null;
  at: [row: number, column: number] | null;
  range: Range;
  open: readonly string[] | null;
  zoom: number;
  theme: ThemeChoice;
  hide: readonly string[];
}

/** A key, or several that do the same, the text that says what it does, and what it does unless a tile or map does it. */
export interface Key {
  keys: readonly string[];
  text: string;
  run?: (selection: Selection) => void;
}

interface Property<Name extends keyof View> {
  /** What it is before anything is chosen; not written into the URL. */
  initial: View[Name];
  parse: (text: string) => View[Name] | undefined;
  write: (value: NonNullable<View[Name]>) => string;
  /** Whether a change is a step that the browser's back button undoes. */
  step: boolean;
  keys: readonly Key[];
}

export const RANGES: readonly Range[] = ["unit", "layer", "net"];
export const THEMES: readonly ThemeChoice[] = ["auto", "light", "dark"];
const ZOOMS: readonly number[] = [0.5, 0.75, 1, 1.5, 2, 3];

const text = (value: string): string => value;
const oneOf =
  <Choice extends string>(choices: readonly Choice[]) =>
  (given: string): Choice | undefined =>
    choices.find((choice) => choice === given);
const list = (given: string): string[] => given.split(",").filter(Boolean);
const natural = (given: string): number | undefined => (/^\d{1,9}$/.test(given) ? Number(given) : undefined);

function place(given: string): [number, number] | undefined {
  const match = /^(\d{1,6}),(\d{1,6})$/.exec(given);
  return match ? [Number(match[1]), Number(match[2])] : undefined;
}

/** The choice after another one; after the last comes the first. */
export function after<Choice>(choices: readonly Choice[], current: Choice, by = 1): Choice {
  const index = choices.indexOf(current) + by;
  return choices[(index + choices.length) % choices.length] as Choice;
}

function zoomed(current: number, by: number): number {
  const index = Math.min(Math.max(ZOOMS.indexOf(current) + by, 0), ZOOMS.length - 1);
  return ZOOMS[index] ?? 1;
}

const focus = (id: string): void => document.getElementById(id)?.focus();

/** The table. Its order is that of the URL and of the list of keys. */
export const PROPERTIES: { readonly [Name in keyof View]: Property<Name> } = {
  mode: {
    initial: "explore",
    parse: oneOf(["explore"]),
    write: text,
    step: true,
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
    keys: [{ keys: ["m"], text: "keys.model", run: () => focus("model") }],
  },
  image: {
    initial: null,
    parse: text,
    write: text,
    step: true,
    keys: [
      { keys: ["i"], text: "keys.image", run: (selection) => selection.nextImage(1) },
      { keys: ["I"], text: "keys.image.before", run: (selection) => selection.nextImage(-1) },
      { keys: ["Control+v"], text: "keys.paste" },
    ],
  },
  node: {
    initial: null,
    parse: text,
    write: text,
    step: true,
    keys: [
      { keys: ["ArrowLeft", "ArrowRight"], text: "keys.node" },
      { keys: ["Enter"], text: "keys.in" },
    ],
  },
  unit: {
    initial: null,
    parse: natural,
    write: String,
    step: true,
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
    keys: [{ keys: ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"], text: "keys.at" }],
  },
  range: {
    initial: "layer",
    parse: oneOf(RANGES),
    write: text,
    step: false,
    keys: [
      { keys: ["r"], text: "keys.range", run: (selection) => selection.go({ range: after(RANGES, selection.range) }) },
    ],
  },
  open: {
    initial: null,
    parse: list,
    write: (value) => value.join(","),
    step: false,
    keys: [{ keys: ["o"], text: "keys.open" }],
  },
  zoom: {
    initial: 1,
    parse: (given) => ZOOMS.find((zoom) => String(zoom) === given),
    write: String,
    step: false,
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
    keys: [
      { keys: ["t"], text: "keys.theme", run: (selection) => selection.go({ theme: after(THEMES, selection.theme) }) },
    ],
  },
  hide: { initial: [], parse: list, write: (value) => value.join(","), step: false, keys: [] },
};

const NAMES = Object.keys(PROPERTIES) as (keyof View)[];

/** All keys with what they do, in the order of the table. */
export const KEYS: readonly Key[] = NAMES.flatMap((name) => PROPERTIES[name].keys);

/** The view that is written in a URL's query. What cannot be read is as if it weren't there. */
export function readView(search: string): View {
  const query = new URLSearchParams(search);
  const read = <Name extends keyof View>(name: Name): View[Name] => {
    const given = query.get(name);
    const property: Property<Name> = PROPERTIES[name];
    return (given === null ? undefined : property.parse(given)) ?? property.initial;
  };
  return Object.fromEntries(NAMES.map((name) => [name, read(name)])) as unknown as View;
}

/** The query of a view's URL: what differs from the initial view. */
export function writeView(view: View): string {
  const query = new URLSearchParams();
  const put = <Name extends keyof View>(name: Name): void => {
    const property: Property<Name> = PROPERTIES[name];
    const value = view[name];
    if (value === null || String(value) === String(property.initial)) return;
    query.set(name, property.write(value as NonNullable<View[Name]>));
  };
  NAMES.forEach(put);
  // Commas are allowed in a query, and a link with them can be read.
  const written = query.toString().replaceAll("%2C", ",");
  return written ? `?${written}` : "";
}

/** What must be let go of when something above it changes, unless it is chosen at the same time. */
function dependants(change: Partial<View>, before: View): Partial<View> {
  const changed = (name: keyof View): boolean => name in change && String(change[name]) !== String(before[name]);
  if (changed("model")) return { node: null, unit: null, at: null, open: null };
  if (changed("node")) return { unit: null, at: null };
  if (changed("unit")) return { at: null };
  return {};
}

export class Selection implements View {
  mode = $state<View["mode"]>("explore");
  model = $state<View["model"]>(null);
  image = $state<View["image"]>(null);
  node = $state<View["node"]>(null);
  unit = $state<View["unit"]>(null);
  at = $state.raw<View["at"]>(null);
  range = $state<View["range"]>("layer");
  open = $state.raw<View["open"]>(null);
  zoom = $state<View["zoom"]>(1);
  theme = $state<View["theme"]>("auto");
  hide = $state.raw<View["hide"]>([]);

  /** Whether the list of keys is shown. */
  helping = $state(false);
  /** What the pointer or the focus is on: a look, not a choice. */
  hovered = $state.raw<{ node: string; unit: number | null } | null>(null);

  readonly level: Level = $derived(
    this.node === null ? "network" : this.unit === null ? "layer" : this.at === null ? "unit" : "value",
  );

  get view(): View {
    return Object.fromEntries(NAMES.map((name) => [name, this[name]])) as unknown as View;
  }

  /** Changes the view and the URL with it. What depends on a changed property is let go of. */
  go(change: Partial<View>): void {
    const before = this.view;
    const changed = { ...before, ...dependants(change, before), ...change };
    const step = NAMES.some((name) => PROPERTIES[name].step && String(changed[name]) !== String(before[name]));
    this.restore(changed);
    const address = location.pathname + writeView(changed);
    if (address === location.pathname + location.search) return;
    if (step && before.model !== null) history.pushState(null, "", address);
    else history.replaceState(null, "", address);
  }

  /** Takes a whole view over, as read from a URL. */
  restore(view: View): void {
    Object.assign(this, view);
  }

  /** One gesture out: from the value to the unit, the layer, the network. */
  out(): void {
    if (this.helping) this.helping = false;
    else if (this.level === "value") this.go({ at: null });
    else if (this.level === "unit") this.go({ unit: null });
    else if (this.level === "layer") this.go({ node: null });
  }

  /** The next or the previous sample. */
  nextImage(by: number): void {
    const order = imageOrder();
    if (order.length) this.go({ image: after(order, this.image ?? "", by) });
  }

  hides(control: string): boolean {
    return this.hide.includes(control);
  }
}

export const selection = new Selection();

/** Does what a key is bound to; false where it is bound to nothing. */
export function press(event: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey">): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  const bound = KEYS.find(({ keys, run }) => run && keys.includes(event.key));
  bound?.run?.(selection);
  return bound !== undefined;
}
