/** Formulas in MathML, as formulas/make.mjs wrote them; and the same with an answer's own numbers. */

import table from "./formulas.json";
import { count, value } from "./numbers";
import type { Arithmetic } from "./sum";

interface Written {
  formula: string;
  /** Where the numbers go. */
  numbers?: string;
}

const values: Readonly<Record<string, Written>> = table.values;
const methods: Readonly<Record<string, readonly string[]>> = table.methods;

/** A value's formula by what the server calls it; null where the table has none. */
export const typeset = (plain: string): string | null => values[plain]?.formula ?? null;

/** The formulas of a method. */
export const formulasOf = (method: string): readonly string[] => methods[method] ?? [];

/** The formula of an answer with its numbers in their places; null where one of them is not known. */
export const filled = (answer: Arithmetic): string | null => filledWith(answer.formula, numbersOf(answer));

/** A formula with these numbers in their places; null where the table has no places, or one of them is not known. */
export function filledWith(plain: string, known: Readonly<Record<string, unknown>>): string | null {
  let complete = true;
  const written = values[plain]?.numbers?.replaceAll(/\{([-+(]?)(\w+)\)?\}/g, (_, sign: string, name: string) => {
    const number = known[name];
    const finite = typeof number === "number" && Number.isFinite(number);
    complete &&= finite;
    return finite ? slot(number, sign) : "";
  });
  return (complete && written) || null;
}

/** A number with the sign that its place asks for. */
function slot(number: number, sign: string): string {
  const told = Number.isInteger(number) ? count(Math.abs(number)) : value(Math.abs(number));
  const plain = `<mn>${told}</mn>`;
  const negative = number < 0 && /[1-9]/.test(told);
  if (sign === "+" || sign === "-") return `<mo>${negative === (sign === "+") ? "−" : "+"}</mo>${plain}`;
  if (!negative) return plain;
  const signed = `<mrow><mo form="prefix">−</mo>${plain}</mrow>`;
  return sign === "(" ? `<mrow><mo>(</mo>${signed}<mo>)</mo></mrow>` : signed;
}

function numbersOf(answer: Arithmetic): Readonly<Record<string, unknown>> {
  const { terms, bias, sum, facts, pixel, count } = answer;
  const products = sum === null ? null : sum - (bias ?? 0);
  return {
    ...{ y: answer.value, b: bias, products, n: count, total: sum === null ? null : sum * (count ?? terms.length) },
    ...{ x: terms[0]?.input, own: facts?.["x"], first: terms[0]?.input, second: terms[1]?.input },
    ...{ ...facts, byte: pixel?.byte },
  };
}
