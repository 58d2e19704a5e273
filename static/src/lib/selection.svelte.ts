/** What is being looked at: the one typed store of the view. */

import { offeredAs } from "./commands";
import { imageOrder } from "./samples";
import { after } from "./parse";
import { dependants, writeView } from "./query";
import { KEYS, NAMES, PROPERTIES, type InputTool, type Level, type View } from "./view";

export class Selection implements View {
  mode = $state<View["mode"]>("explore");
  model = $state<View["model"]>(null);
  image = $state<View["image"]>(null);
  framing = $state<View["framing"]>(null);
  input = $state<View["input"]>(null);
  node = $state<View["node"]>(null);
  unit = $state<View["unit"]>(null);
  at = $state.raw<View["at"]>(null);
  why = $state.raw<View["why"]>(null);
  target = $state<View["target"]>(null);
  layer = $state<View["layer"]>(null);
  region = $state.raw<View["region"]>(null);
  opacity = $state<View["opacity"]>(0.7);
  cuts = $state.raw<View["cuts"]>([]);
  data = $state<View["data"]>(null);
  range = $state<View["range"]>("layer");
  open = $state.raw<View["open"]>(null);
  zoom = $state<View["zoom"]>(1);
  theme = $state<View["theme"]>("auto");
  lang = $state<View["lang"]>(null);
  hide = $state.raw<View["hide"]>([]);
  sort = $state<View["sort"]>(null);
  stage = $state<View["stage"]>(false);
  tour = $state<View["tour"]>(null);

  /** Whether the help is shown, and the list of prepared views. */
  helping = $state(false);
  listing = $state(false);
  /** What the pointer or the focus is on: a look, not a choice. */
  hovered = $state.raw<{ node: string; unit: number | null } | null>(null);

  readonly level: Level = $derived(
    this.node === null ? "network" : this.unit === null ? "layer" : this.at === null ? "unit" : "value",
  );

  /** The language that the reader prefers: the server knows, and writes the page in it. */
  preferred = "en";
  readonly language: string = $derived(this.lang ?? this.preferred);

  get view(): View {
    return Object.fromEntries(NAMES.map((name) => [name, this[name]])) as unknown as View;
  }

  /** Changes the view and the URL with it, `instead` of what was there. What depends on a change is let go of. */
  go(change: Partial<View>, instead = false): void {
    const before = this.view;
    const changed = { ...before, ...dependants(change, before), ...change };
    const step = NAMES.some((name) => PROPERTIES[name].step && String(changed[name]) !== String(before[name]));
    this.restore(changed);
    const address = location.pathname + writeView(changed);
    if (address === location.pathname + location.search) return;
    if (step && !instead && before.model !== null) history.pushState(null, "", address);
    else history.replaceState(null, "", address);
  }

  /** Takes a whole view over, as read from a URL. */
  restore(view: View): void {
    Object.assign(this, view);
  }

  /** One gesture out: from what explains the answer back to what was looked at, from the value to the unit, the layer, the network; from the network's stage to the page. */
  out(): void {
    if (this.helping || this.listing) this.helping = this.listing = false;
    else if (this.why) this.go({ why: null });
    else if (this.level === "value") this.go({ at: null });
    else if (this.level === "unit") this.go({ unit: null });
    else if (this.level === "layer") this.go({ node: null });
    else if (this.stage) this.go({ stage: false });
  }

  /** The next or the previous sample. */
  nextImage(by: number): void {
    const order = imageOrder();
    if (order.length) this.go({ image: after(order, this.image ?? "", by) });
  }

  /** Opens a tool for the input in place of another, or closes it. */
  toggleTool(tool: InputTool): void {
    this.go({ input: this.input === tool ? null : tool });
  }

  /** Asks why the answer is what it is, or ends it. */
  toggleWhy(): void {
    this.go({ why: this.why ? null : [] });
  }

  hides(control: string): boolean {
    return this.hide.includes(control);
  }
}

export const selection = new Selection();

/** Does what a key is bound to; false where it is bound to nothing, or nothing is to be done. */
export function press(event: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey">): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  return KEYS.some(({ keys, text, run }) => {
    if (!keys.includes(event.key)) return false;
    const command = run ? () => run(selection) : offeredAs(text);
    return command !== undefined && command(event.key) !== false;
  });
}
