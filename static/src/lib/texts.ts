/** Text is data: a folder per language with a file per part of the page, and no string in a component. */

const english = import.meta.glob<Record<string, string>>("../texts/en/*.json", { eager: true, import: "default" });
const table: Record<string, string> = Object.assign({}, ...Object.values(english));

/** The text of a key, its `{name}`s filled in. A key without a text shows itself, so that a test finds it. */
export function t(key: string, fill: Record<string, string | number> = {}): string {
  const text = table[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(fill[name] ?? whole));
}

/** Whether there is a text of this key. */
export function hasText(key: string): boolean {
  return key in table;
}
