import { parse } from "svelte/compiler";
import { describe, expect, it } from "vitest";

import first from "./first.json";
import { LANGUAGES, languageName, speak, t, textsOf } from "../lib/texts";

const files = import.meta.glob<Record<string, string>>("./*/*.json", { eager: true, import: "default" });
const components = import.meta.glob<string>("../**/*.svelte", { eager: true, import: "default", query: "?raw" });

const english = await textsOf("en");
const places = (text: string): string[] => [...text.matchAll(/\{\w+\}/g)].map(String).sort();

describe.each(LANGUAGES)("the texts in %s", (language) => {
  it("are in the same files, under the same keys, each once", () => {
    // What is in a folder of its own, told/, is what the server says: in English without any text here.
    const of = (code: string): Map<string, string[]> =>
      new Map(
        Object.entries(files)
          .filter(([path]) => path.startsWith(`./${code}/`))
          .map(([path, texts]) => [path.slice(code.length + 3), Object.keys(texts).sort()]),
      );
    expect(of(language)).toEqual(of("en"));
    const keys = [...of(language).values()].flat();
    expect(new Set(keys).size).toBe(keys.length);
  });

  it("of the first view are those that the page carries in itself", async () => {
    const every = import.meta.glob<Record<string, string>>("./*/**/*.json", { eager: true, import: "default" });
    const keys = first.flatMap((part) => Object.keys(every[`./${language}/${part}.json`] ?? {}));
    expect(Object.keys(await textsOf(language, ["index"])).sort()).toEqual(keys.sort());
  });

  it("leave the same places to be filled in", async () => {
    const texts = await textsOf(language);
    for (const [key, text] of Object.entries(english))
      expect([key, places(texts[key] ?? "")]).toEqual([key, places(text)]);
  });

  it("fill in what the server tells, and nothing else", async () => {
    for (const [key, text] of Object.entries(await textsOf(language)))
      if (key.startsWith("told:")) expect([key, places(text)]).toEqual([key, places(key)]);
  });

  it("are not empty, and the language has a name of its own", async () => {
    for (const text of Object.values(await textsOf(language))) expect(text).not.toBe("");
    expect(languageName(language)).not.toBe(language);
  });
});

it("a text comes in the language that is spoken, and another replaces it", async () => {
  await speak("de");
  expect([t("range.net"), t("status.computing", { step: 3, steps: 12 })]).toEqual(["Netz", "3 von 12 Schichten"]);
  await speak("en");
  expect([t("range.net"), t("no.such.text")]).toEqual(["Net", "no.such.text"]);
});

/** What a person reads or hears of an element beside what it contains. */
const READ_OUT = new Set(["aria-label", "aria-description", "aria-roledescription", "title", "placeholder", "alt"]);
const LETTERS = /\p{Letter}{2,}/u;

type Part = Record<string, unknown> & { type?: string; name?: string };

/** The strings that an expression may come to: its own, both of a choice, the fixed parts of a template. */
function stringsOf(expression: unknown): string[] {
  const { type, value, quasis, ...parts } = (expression ?? {}) as Part & { quasis?: { value: { cooked: string } }[] };
  if (type === "Literal") return typeof value === "string" ? [value] : [];
  if (type === "TemplateLiteral") return (quasis ?? []).map((quasi) => quasi.value.cooked);
  if (type === "ConditionalExpression") return [parts["consequent"], parts["alternate"]].flatMap(stringsOf);
  if (type === "LogicalExpression" || type === "BinaryExpression")
    return parts["operator"] === "===" ? [] : [parts["left"], parts["right"]].flatMap(stringsOf);
  return [];
}

/** The strings in a component's markup that a person would read: texts, and attributes that are read out. */
function stringsIn(source: string): string[] {
  const found: string[] = [];
  const visit = (part: unknown): void => {
    if (Array.isArray(part)) part.forEach(visit);
    if (part === null || typeof part !== "object" || Array.isArray(part)) return;
    const { type, name, data, expression } = part as Part;
    if (type?.endsWith("Directive") || (type === "Attribute" && !READ_OUT.has(name ?? ""))) return;
    if (type === "Text") found.push(String(data).trim());
    if (type === "ExpressionTag") found.push(...stringsOf(expression));
    Object.values(part).forEach(visit);
  };
  visit(parse(source, { modern: true }).fragment);
  return found.filter((text) => LETTERS.test(text));
}

describe("strings in components", () => {
  it("are found", () => {
    const source = `<p title="A title" class="quiet" style:width="2px">{t("key")} Words
      <img alt={t("x")} src="/a/path" aria-label={a ? "Yes" : t("no")} />{#if a === "b"}<b>More {"Pixel " + a}</b>{/if}</p>`;
    expect(stringsIn(source)).toEqual(["A title", "Words", "Yes", "More", "Pixel "]);
  });
  it.each(Object.entries(components))("there are none in %s", (_path, source) => {
    expect(stringsIn(source)).toEqual([]);
  });
});
