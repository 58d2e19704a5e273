import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { FILES, formulas, text } from "../../formulas/make.mjs";
import { filled, formulasOf, typeset } from "./formula";
import type { Arithmetic } from "./sum";

const plain = (mathml: string | null): string => mathml?.replaceAll(/<[^>]+>/g, "") ?? "";

const answer: Arithmetic = {
  ...{ node: "conv", operation: "convolution", value: -1.022, unit: 0, row: 0, column: 0, terms: [], groups: [] },
  ...{ bias: 0.192, sum: -1.022, difference: 0, formula: "y = b + Σ w·x", sentence: "" },
};

it("has the formulas that the script makes, for the page and for the server", () => {
  for (const file of FILES) expect(readFileSync(file, "utf8")).toBe(text());
});

it("writes MathML that a strict content security policy lets stand", () => {
  const { values, methods } = formulas();
  const written = Object.values(values).flatMap((entry) => Object.values(entry));
  for (const mathml of [...written, ...Object.values(methods).flat()]) {
    expect(mathml).toMatch(/^<math display="block">.*<\/math>$/);
    expect(mathml).not.toMatch(/style=|script|@/);
  }
});

it("knows formulas by what the server calls them", () => {
  expect(plain(typeset("y = max(0, x)"))).toContain("max");
  expect(typeset("y = unheard_of(x…)")).toBeNull();
  expect(formulasOf("max_response")).toHaveLength(1);
  expect(formulasOf("unheard_of")).toEqual([]);
});

it("fills the numbers in with their signs", () => {
  expect(plain(filled(answer))).toBe("−1.022=0.1920−1.214");
  expect(plain(filled({ ...answer, bias: -0.192, sum: 0.5, value: 0.5 }))).toBe("0.5000=−0.1920+0.6920");
});

it("puts a negative factor in brackets, and takes a negative mean away by adding it", () => {
  const means = { ...answer, formula: "y = 1/n · Σ x", value: -2, sum: -2, count: 4, bias: null };
  expect(plain(filled(means))).toBe("−2=14⋅(−8)");
  const facts = { mean: -1, variance: 4, epsilon: 1e-5, scale: 2, shift: -3 };
  const terms = [{ label: "x", value: 1, input: 3 }];
  const norm = { ...answer, formula: "y = γ · (x − μ) / √(σ² + ε) + β", value: 1, facts, terms };
  expect(plain(filled(norm))).toContain("3+1");
});

it("leaves a formula whose numbers are not all known as it is", () => {
  expect(filled({ ...answer, value: null })).toBeNull();
  expect(filled({ ...answer, formula: "y = max x" })).toBeNull();
});
