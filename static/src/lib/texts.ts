/**
 * Text is data: a folder per language with a file per part of the page, and no string in a component.
 *
 * The server names the language that fits the reader in `<html lang>`; the page carries the texts of its first view in
 * it, or has the browser fetch their script beside its own. What else is said is a script for each language and part.
 */

import { SvelteMap } from "svelte/reactivity";

type Texts = Record<string, string>;

/** What the first view says; what it does without; what the classes of the large networks are called. */
export type Part = "index" | "later" | "classes";
const PARTS: readonly Part[] = ["index", "later", "classes"];

const scripts = import.meta.glob<Texts>(["../texts/*/index.ts", "../texts/*/later.ts", "../texts/*/classes.ts"], {
  import: "default",
});

/** The languages there are, by their codes. */
export const LANGUAGES: readonly string[] = Object.keys(scripts).flatMap(
  (path) => /(\w+)\/index\.ts$/.exec(path)?.[1] ?? [],
);

/** The language without which nothing would be understood. */
const FALLBACK = "en";

const table = new SvelteMap<string, string>();

/** The text of a key, its `{name}`s filled in. A key without a text shows itself, so that a test finds it. */
export function t(key: string, fill: Record<string, string | number> = {}): string {
  const text = table.get(key) ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(fill[name] ?? whole));
}

/** Whether there is a text of this key. */
export function hasText(key: string): boolean {
  return table.has(key);
}

/** A language's name in that language itself: Deutsch. */
export function languageName(code: string): string {
  return new Intl.DisplayNames([code], { type: "language" }).of(code) ?? code;
}

/** All keys that have a text, in the order of the files. */
export function textKeys(): string[] {
  return [...table.keys()];
}

/** Parts that the page has carried in itself. */
const carried = new Map<string, Texts>();

/** Takes over the texts of the first view in a language. */
export function carry(language: string, texts: Texts): void {
  carried.set(`../texts/${language}/index.ts`, texts);
}

async function load(path: string): Promise<Texts | undefined> {
  return carried.get(path) ?? scripts[path]?.();
}

/** The texts of one language: all, or some parts. */
export async function textsOf(language: string, parts: Iterable<Part> = PARTS): Promise<Texts> {
  const known = LANGUAGES.includes(language) ? language : FALLBACK;
  const loaded = await Promise.all([...parts].map((part) => load(`../texts/${known}/${part}.ts`)));
  return Object.assign({}, ...loaded) as Texts;
}

let wanted = FALLBACK;
const wantedParts = new Set<Part>(["index"]);

/** Has the whole page speak a language; what is on it changes in place. Fails where the texts cannot be fetched. */
export async function speak(language: string): Promise<void> {
  wanted = language;
  const texts = await textsOf(language, wantedParts);
  // Another may have been chosen in the meantime.
  if (wanted !== language) return;
  // What only the language before had words for is left to whoever said it.
  for (const key of [...table.keys()]) if (!(key in texts)) table.delete(key);
  for (const [key, text] of Object.entries(texts)) table.set(key, text);
}

/** Brings texts that the first view does without: the panel's, the help's and the tour's, or the names of classes. */
export async function learn(part: Part = "later"): Promise<void> {
  wantedParts.add(part);
  await speak(wanted);
}
