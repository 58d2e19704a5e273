/**
 * Text is data: a folder per language with a file per part of the page, and no string in a component.
 *
 * Each language is a script of its own. The server names the one that fits the reader in `<html lang>` and has the
 * browser fetch it beside the page's script, so that it costs no round trip and the others cost nothing.
 */

import { SvelteMap } from "svelte/reactivity";

type Texts = Record<string, string>;

const scripts = import.meta.glob<Texts>("../texts/*/index.ts", { import: "default" });
/** What the first view does without. */
const laterScripts = import.meta.glob<Texts>("../texts/*/later.ts", { import: "default" });

const codeOf = (path: string): string => path.split("/").at(-2) ?? "";

/** The languages there are, by their codes. */
export const LANGUAGES: readonly string[] = Object.keys(scripts).map(codeOf);

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

/** The texts of one language: those of the first view, or all. */
export async function textsOf(language: string, all = true): Promise<Texts> {
  const known = LANGUAGES.includes(language) ? language : FALLBACK;
  const load = async (of: typeof scripts, name: string): Promise<Texts | undefined> =>
    of[`../texts/${known}/${name}.ts`]?.();
  return { ...(await load(scripts, "index")), ...(all ? await load(laterScripts, "later") : {}) };
}

let wanted = FALLBACK;
let wantedAll = false;

/** Has the whole page speak a language; what is on it changes in place. Fails where the texts cannot be fetched. */
export async function speak(language: string): Promise<void> {
  wanted = language;
  const texts = await textsOf(language, wantedAll);
  // Another may have been chosen in the meantime.
  if (wanted !== language) return;
  // What only the language before had words for is left to whoever said it.
  for (const key of [...table.keys()]) if (!(key in texts)) table.delete(key);
  for (const [key, text] of Object.entries(texts)) table.set(key, text);
}

/** Brings the texts that the first view does without: the panel's, the help's and the tour's. */
export async function learn(): Promise<void> {
  wantedAll = true;
  await speak(wanted);
}
