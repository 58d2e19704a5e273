/** The views that a lecturer has collected, in order: kept in this browser, carried in a link or a file. */

import { dependants, readView, seen, writeView } from "./query";
import type { View } from "./view";

export interface PreparedView {
  title: string;
  /** The query that opens it. */
  query: string;
}

const STORED = "convscope.views";
const IN_LINK = "#views=";

/** The query of what is seen in a view, whatever frame it is seen in. */
export function queryOf(view: View): string {
  return writeView({ ...readView(""), ...seen(view) });
}

/** A list as text that a link or a file carried; undefined where it is none. */
export function parsed(text: string): PreparedView[] | undefined {
  try {
    const list: unknown = JSON.parse(text);
    if (!Array.isArray(list)) return undefined;
    const views = list.map(({ title, query }: PreparedView) => ({ title: String(title), query: String(query) }));
    return views.every(({ query }) => query.startsWith("?")) ? views : undefined;
  } catch {
    return undefined;
  }
}

export class Prepared {
  views = $state.raw<readonly PreparedView[]>([]);
  /** The one that was shown last. */
  private last = -1;

  /** Takes over what this browser has kept. */
  recall(): void {
    this.views = parsed(localStorage.getItem(STORED) ?? "[]") ?? [];
  }

  /** Takes over the views that a link carries; true if it carries any. Those that are kept already are not doubled. */
  takeLink(hash: string): boolean {
    const views = hash.startsWith(IN_LINK) ? parsed(decodeURIComponent(hash.slice(IN_LINK.length))) : undefined;
    if (views) this.add(views);
    return views !== undefined;
  }

  /** The address that carries the list. */
  link(origin: string): string {
    return `${origin}/${IN_LINK}${encodeURIComponent(this.text())}`;
  }

  text(): string {
    return JSON.stringify(this.views, null, 1);
  }

  has(view: View): boolean {
    return this.indexOf(view) >= 0;
  }

  add(views: readonly PreparedView[]): void {
    const fresh = views.filter(({ query }) => !this.views.some((known) => known.query === query));
    this.set([...this.views, ...fresh]);
  }

  keep(title: string, view: View): void {
    this.add([{ title, query: queryOf(view) }]);
  }

  remove(index: number): void {
    this.set(this.views.filter((_, at) => at !== index));
  }

  /** Moves one up (−1) or down (+1) in the list. */
  move(index: number, by: number): void {
    const views = [...this.views];
    const [moved] = views.splice(index, 1);
    if (moved) views.splice(Math.max(index + by, 0), 0, moved);
    this.set(views);
  }

  rename(index: number, title: string): void {
    this.set(this.views.map((view, at) => (at === index ? { ...view, title } : view)));
  }

  /** The view so many places after the one that is shown, or after the one that was shown last; undefined at an end. */
  step(from: View, by: number): Partial<View> | undefined {
    const at = this.indexOf(from);
    const start = at >= 0 ? at : by > 0 ? this.last : this.last + 1;
    return this.show(start + by);
  }

  /** What a view of the list shows. */
  show(index: number): Partial<View> | undefined {
    const next = this.views[index];
    if (!next) return undefined;
    this.last = index;
    return seen(readView(next.query));
  }

  private indexOf(view: View): number {
    const query = queryOf(view);
    return this.views.findIndex((known) => known.query === query);
  }

  private set(views: readonly PreparedView[]): void {
    this.views = views;
    this.last = Math.min(this.last, views.length - 1);
    localStorage.setItem(STORED, this.text());
  }
}

export const prepared = new Prepared();

/** Without prepared views: the network as a whole, then layer after layer. */
export function nextLayer(names: readonly string[], from: View, by: number): Partial<View> | undefined {
  const places = [null, ...names];
  const node = places[places.indexOf(from.node) + by];
  return node === undefined ? undefined : { ...dependants({ node }, from), node };
}
