import { describe, expect, it } from "vitest";
import { boxAt, pathOf, type Box } from "./outline";
import { linear, logarithmic, placed, ticks, type Point } from "./scatter";

const AREA = { width: 800, height: 400, left: 40, right: 10, top: 10, bottom: 30 };
const point = (id: string, cost: number, accuracy: number, parameters: number): Point => ({
  id,
  title: id,
  family: "",
  cost,
  accuracy,
  parameters,
});

describe("the scatter", () => {
  it("has ticks at 1, 2 and 5 of each power of ten", () => {
    expect(ticks(300, 25_000)).toEqual([500, 1000, 2000, 5000, 10_000, 20_000]);
  });

  it("puts equal factors at equal distances", () => {
    const { at } = logarithmic([1e6, 1e9], 40, 790);
    expect(at(1e7) - at(1e6)).toBeCloseTo(at(1e9) - at(1e8));
    const scale = linear([56.5, 84.1], 370, 10);
    expect([scale.low, scale.high, scale.at(55), scale.at(90)]).toEqual([55, 90, 370, 10]);
  });

  it("has areas that go with the parameters, and names that never lie over each other", () => {
    const points = [point("large", 100, 70, 400), point("small", 1000, 71, 100), point("beside", 1010, 71, 100)];
    const x = logarithmic([100, 1010], 40, 790);
    const circles = placed(points, AREA, x, linear([70, 71], 370, 10));
    const [large, small, beside] = ["large", "small", "beside"].map((id) => circles.find((one) => one.id === id));
    expect((large?.radius ?? 0) ** 2 / (small?.radius ?? 1) ** 2).toBeCloseTo(4);
    expect([large?.label, small?.label ?? beside?.label]).not.toContain(null);
    expect(small?.label?.anchor).not.toBe(beside?.label?.anchor);
  });
});

describe("the drawing", () => {
  const BOXES: Box[] = [
    [0, -5, 1, 10, "input", "input"],
    [2, -4, 3, 8, "convolution", "conv1"],
  ];
  it("has one path for all boxes of a kind", () => {
    expect(pathOf(BOXES, "convolution")).toBe("M2 -4h3v8h-3z");
  });
  it("finds the box that is meant", () => {
    expect(boxAt(BOXES, 3, 0, 1)?.[5]).toBe("conv1");
    expect(boxAt(BOXES, 1.4, 0, 1)?.[5]).toBe("input");
    expect(boxAt(BOXES, 30, 0, 1)).toBeUndefined();
  });
});
