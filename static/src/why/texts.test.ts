import { expect, it } from "vitest";
import texts from "../texts/en/why.json";

const sources = Object.entries(
  import.meta.glob<string>("../**/*.{ts,svelte}", { query: "?raw", import: "default", eager: true }),
).filter(([name]) => !name.endsWith(".test.ts"));
const source = sources.map(([, text]) => text).join("\n");

it("has a text for every key that is named, and none that nobody shows", () => {
  const own = sources.filter(([name]) => name.startsWith("./")).map(([, text]) => text);
  const named = [...own.join("\n").matchAll(/"(why\.[\w.]+)"/g)].map(([, key]) => key ?? "");
  expect(named.length).toBeGreaterThan(15);
  expect(named.filter((key) => !(key in texts))).toEqual([]);
  const used = (key: string): boolean =>
    source.includes(`"${key}"`) ||
    key.startsWith("why.map.") ||
    key.startsWith("why.truth.beats.") ||
    key.startsWith("control.");
  expect(Object.keys(texts).filter((key) => !used(key))).toEqual([]);
});
