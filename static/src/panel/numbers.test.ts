import { describe, expect, it } from "vitest";
import { speak } from "../lib/texts";
import { addend, compact, count, decimals, percent, shape, value } from "./numbers";

describe("value", () => {
  it("shows four significant digits and a true minus", () => {
    expect(value(-3.39812)).toBe("−3.398");
    expect(value(123.456)).toBe("123.5");
    expect(value(0.018234)).toBe("0.01823");
  });

  it("gives the lines of one sum the same decimals", () => {
    expect(value(0.018234, 3.66)).toBe("0.018");
    expect(addend(0.018234, 3.66)).toBe("+0.018");
    expect(addend(-0.148, 3.66)).toBe("−0.148");
  });

  it("gives no sign to what rounds to zero", () => {
    expect(value(-0.00001, 3.66)).toBe("0.000");
    expect(addend(0.00001, 3.66)).toBe("0.000");
    expect(value(0)).toBe("0.000");
  });

  it("writes numbers far from one with a power of ten", () => {
    expect(value(-1.234e-7)).toBe("−1.234·10⁻⁷");
    expect(value(4.5e12, 4.5e12, 2)).toBe("4.5·10¹²");
  });

  it("names what is not a number", () => {
    expect(value(null)).toBe("not a number");
    expect(value(-Infinity)).toBe("−∞");
  });
});

it("counts decimals from the size of the number", () => {
  expect([0, 3.66, 36.6, 36600, 0.0366].map((scale) => decimals(scale))).toEqual([3, 3, 2, 0, 5]);
});

it("groups thousands and shortens millions", () => {
  expect(count(19920)).toBe("19,920");
  expect(compact(19920)).toBe("19,920");
  expect(compact(115605504)).toBe("116 M");
  expect(compact(15470264320)).toBe("15.5 G");
});

it("writes shares in percent", () => {
  expect([0, 0.982, 0.00004, 1].map(percent)).toEqual(["0 %", "98.2 %", "< 0.1 %", "100 %"]);
});

it("writes shapes as C × H × W", () => expect(shape([10, 26, 26])).toBe("10 × 26 × 26"));

it("writes numbers in German with a comma, and without a point that could be taken for one", async () => {
  await speak("de");
  expect([value(-3.39812), addend(0.148), percent(0.982), percent(0.0004)]).toEqual([
    "−3,398",
    "+0,1480",
    "98,2 %",
    "< 0,1 %",
  ]);
  expect([count(-1234567), count(999), compact(15470264320)]).toEqual(["−1\u202f234\u202f567", "999", "15,5 G"]);
  await speak("en");
  expect(count(-1234567)).toBe("−1,234,567");
});
