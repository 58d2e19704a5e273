/**
 * Numbers as a reader wants them: as many digits as they deserve, a true minus sign, nothing for a computer.
 *
 * The marks are the language's. German has a comma before the decimals and a thin space between thousands: a point is
 * always a decimal point, in both. What is copied as code or data never comes from here.
 */

import { t } from "../lib/texts";

const MINUS = "−";
const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/** A number that was written with a decimal point, as the language writes it. */
export const marked = (written: string): string => written.replace(".", t("number.decimal"));

/** Decimals that show a number of this size with so many significant digits: 3.66 with four gives three. */
export function decimals(scale: number, digits = 4): number {
  if (!Number.isFinite(scale) || scale === 0) return digits - 1;
  return Math.min(Math.max(digits - 1 - Math.floor(Math.log10(Math.abs(scale))), 0), 6);
}

function superscript(exponent: number): string {
  const digits = [...String(Math.abs(exponent))].map((digit) => SUPERSCRIPTS[Number(digit)]).join("");
  return (exponent < 0 ? "⁻" : "") + digits;
}

/** A number far from one: 1.2·10⁻⁷. */
function scientific(value: number, digits: number): string {
  const [mantissa = "", exponent = "0"] = Math.abs(value)
    .toExponential(digits - 1)
    .split("e");
  return `${marked(mantissa)}·10${superscript(Number(exponent))}`;
}

function magnitude(value: number, scale: number, digits: number): string {
  if (value !== 0 && (Math.abs(scale) >= 1e6 || Math.abs(scale) < 1e-3)) return scientific(value, digits);
  return marked(Math.abs(value).toFixed(decimals(scale, digits)));
}

/**
 * A value with so many significant digits for numbers as large as `scale`, so that the lines of one sum have the same
 * decimals. What rounds to zero has no sign.
 */
export function value(number: number | null | undefined, scale = number ?? 0, digits = 4): string {
  if (number === null || number === undefined || Number.isNaN(number)) return t("number.none");
  if (!Number.isFinite(number)) return number > 0 ? "∞" : `${MINUS}∞`;
  const text = magnitude(number, scale, digits);
  return number < 0 && /[1-9]/.test(text) ? MINUS + text : text;
}

/** The same with a plus in front of what is positive: an addend. */
export function addend(number: number, scale = number, digits = 4): string {
  const text = value(number, scale, digits);
  return number > 0 && /[1-9∞]/.test(text) ? `+${text}` : text;
}

/** A whole number with its thousands apart: 19,920. */
export function count(number: number): string {
  const digits = String(Math.abs(Math.round(number)));
  const grouped = digits.replace(/\B(?=(?:\d{3})+$)/g, t("number.thousands"));
  return number < 0 ? MINUS + grouped : grouped;
}

/** A large number in three digits: 115.6 million is 116 M. */
export function compact(number: number): string {
  for (const [unit, name] of [
    [1e12, "T"],
    [1e9, "G"],
    [1e6, "M"],
  ] as const) {
    if (number >= unit) return `${marked(String(Number((number / unit).toPrecision(3))))} ${name}`;
  }
  return count(number);
}

/** A share in percent: 0.982 is 98.2 %. */
export function percent(share: number): string {
  const hundredths = share * 100;
  if (hundredths > 0 && hundredths < 0.1) return `< ${marked("0.1")} %`;
  return `${hundredths === 0 || hundredths === 100 ? hundredths : marked(hundredths.toFixed(1))} %`;
}

/** A shape, C × H × W. */
export function shape(sides: readonly number[]): string {
  return sides.map(count).join(" × ");
}

/** A step between pixels, which a transposed convolution makes a fraction. */
export function step(number: number): string {
  return Number.isInteger(number) ? String(number) : marked(String(Number(number.toFixed(3))));
}
