/**
 * What the server says, in the page's language: the server speaks English, and a language's texts may name its sentences.
 *
 * Such a text has the sentence as its key, after “told:”, with `{name}`s for what differs. Names and numbers are taken
 * over; what stands in their place may itself be a sentence that is known.
 */

import { hasText, t, textKeys } from "./texts";

const MARK = "told:";
const SPECIAL = /[.*+?^$()|[\]\\]/g;

interface Pattern {
  key: string;
  names: readonly string[];
  sentence: RegExp;
}
const patterns = new Map<string, Pattern>();

function patternOf(key: string): Pattern {
  let pattern = patterns.get(key);
  if (!pattern) {
    const names = [...key.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? "");
    const source = key.slice(MARK.length).replace(SPECIAL, "\\$&");
    pattern = { key, names, sentence: new RegExp(`^${source.replace(/\{\w+\}/g, "(.+?)")}$`, "s") };
    patterns.set(key, pattern);
  }
  return pattern;
}

/** A name that the server gives, of a class, a sample or a family of networks: as it is where the language has none. */
export function called(english: string): string {
  const key = MARK + english;
  return hasText(key) ? t(key) : english;
}

/** A sentence, title or label of the server's; as it is where the language has no words for it. */
export function told(english: string): string {
  if (hasText(MARK + english)) return called(english);
  if (/^−?\d+\.\d+$/.test(english)) return english.replace(".", t("number.decimal"));
  if (/^\d{1,3}(,\d{3})+$/.test(english)) return english.replaceAll(",", t("number.thousands"));
  for (const key of textKeys()) {
    if (!key.startsWith(MARK) || !key.includes("{")) continue;
    const { names, sentence } = patternOf(key);
    const found = sentence.exec(english);
    if (found) return t(key, Object.fromEntries(names.map((name, index) => [name, told(found[index + 1] ?? "")])));
  }
  return english;
}
