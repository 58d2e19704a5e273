/**
 * Turns the formulas from LaTeX into MathML, for the page and the server: `node formulas/make.mjs`.
 *
 * `values` are the formulas of single values by what the server calls them; `<x>` in their `numbers` is where a number
 * goes: `<(x)>` in brackets where it is negative, `<+x>` and `<-x>` with the sign that adds it or takes it away.
 */

import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import temml from "temml";

const here = (/** @type {string} */ path) => fileURLToPath(new URL(path, import.meta.url));

/** @typedef {{ plain: string, latex: string, numbers?: string }} Value */
/** @type {{ values: Value[], methods: Record<string, string[]> }} */
const source = JSON.parse(readFileSync(here("formulas.json"), "utf8"));

/**
 * One formula. Styles in attributes would break the content security policy.
 *
 * @param {string} latex
 */
function mathml(latex) {
  const slots = latex.replaceAll(/<([-+(]?\w+\)?)>/g, String.raw`\text{@$1@}`);
  return temml
    .renderToString(slots, { displayMode: true, throwOnError: true })
    .replaceAll(/ (?:style|class)="[^"]*"/g, "")
    .replaceAll(/<mtext>@([^@]+)@<\/mtext>/g, "{$1}");
}

/**
 * All formulas: those of values with the places of their numbers, those of methods by name.
 *
 * @returns {{ values: Record<string, Record<string, string>>, methods: Record<string, string[]> }}
 */
export function formulas() {
  const values = source.values.map(({ plain, latex, numbers }) => [
    plain,
    { formula: mathml(latex), ...(numbers === undefined ? {} : { numbers: mathml(numbers) }) },
  ]);
  const methods = Object.entries(source.methods).map(([name, lines]) => [name, lines.map(mathml)]);
  return { values: Object.fromEntries(values), methods: Object.fromEntries(methods) };
}

/** The two copies: one for the page, one for the server's documentation. */
export const FILES = ["../src/panel/formulas.json", "../../app/web/formulas.json"].map(here);

export const text = () => `${JSON.stringify(formulas(), null, 1)}\n`;

if (process.argv[1] === fileURLToPath(import.meta.url)) for (const file of FILES) writeFileSync(file, text());
