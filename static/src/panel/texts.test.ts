import { expect, it } from "vitest";
import panel from "../texts/en/panel.json";
import slide from "../texts/en/slide.json";

const texts = { ...panel, ...slide };
const sources = Object.entries(
  import.meta.glob<string>("./*.{ts,svelte}", { query: "?raw", import: "default", eager: true }),
).filter(([name]) => !name.endsWith(".test.ts"));
const source = sources.map(([, text]) => text).join("\n");

it("has a text for every key that the panel names", () => {
  const keys = [...source.matchAll(/"(panel\.[\w.]+)"/g)].map(([, key]) => key ?? "");
  const slots = /^panel\.(deconvnet|kernels|patches|population|response|arithmetic|field|box|classes)$/;
  expect(keys.length).toBeGreaterThan(50);
  expect(keys.filter((key) => !(key in texts) && !slots.test(key))).toEqual([]);
});

it("has no text that the panel never shows", () => {
  const beginnings = [...source.matchAll(/`(panel\.[\w.]+\.)\$\{/g)].map(([, beginning]) => beginning ?? "");
  const used = (key: string): boolean =>
    source.includes(`"${key}"`) || beginnings.some((beginning) => key.startsWith(beginning));
  expect(Object.keys(texts).filter((key) => !used(key))).toEqual([]);
});
