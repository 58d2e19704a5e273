/**
 * Text is data: a folder per language with a file per part of the page, and no string in a component.
 *
 * Each language is a script of its own. The server names the one that fits the reader in `<html lang>` and has the
 * browser fetch it beside the page's script, so that it costs no round trip and the others cost nothing.
 */

import { SvelteMap } from "svelte/reactivity";

type Texts = Record<string, string>;

const scripts = import.meta.glob<Texts>("../texts/*/index.ts", { import: "default" });

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

/** All texts of one language. */
export async function textsOf(language: string): Promise<Texts> {
  const path = Object.keys(scripts).find((script) => codeOf(script) === language);
  return path === undefined ? textsOf(FALLBACK) : ((await scripts[path]?.()) ?? {});
}

let wanted = "";

/** Has the whole page speak a language; what is on it changes in place. Fails where the texts cannot be fetched. */
export async function speak(language: string): Promise<void> {
  wanted = language;
  const texts = await textsOf(language);
  // Another may have been chosen in the meantime.
  if (wanted !== language) return;
  for (const [key, text] of Object.entries(texts)) table.set(key, text);
}
