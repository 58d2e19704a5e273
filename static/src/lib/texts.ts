/** Text is data: one file per language and part of the page, and no string in a component. */

import english from "../texts/en.json";
import panelEnglish from "../texts/panel.en.json";

const table: Record<string, string> = { ...english, ...panelEnglish };

/** The text of a key, its `{name}`s filled in. A key without a text shows itself, so that a test finds it. */
export function t(key: string, fill: Record<string, string | number> = {}): string {
  const text = table[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(fill[name] ?? whole));
}

/** Whether there is a text of this key. */
export function hasText(key: string): boolean {
  return key in table;
}
