import { describe, expect, it } from "vitest";
import { hasText } from "../lib/texts";
import { readView } from "../lib/query";
import { beside, type Box } from "./place";
import { isDone, STEPS, strays } from "./steps";

const window = { width: 1000, height: 700 };
const card = { width: 300, height: 200 };

describe("the card", () => {
  it.each<[string, Box]>([
    ["at the left", { left: 10, top: 200, right: 200, bottom: 400 }],
    ["at the right", { left: 800, top: 0, right: 1000, bottom: 700 }],
    ["wide, at the top", { left: 0, top: 0, right: 1000, bottom: 300 }],
    ["wide, at the bottom", { left: 0, top: 400, right: 1000, bottom: 700 }],
    ["in the middle", { left: 400, top: 300, right: 600, bottom: 400 }],
  ])("is in the window and beside what is %s", (_where, target) => {
    const { x, y } = beside(target, card, window);
    expect(x >= 0 && y >= 0 && x + card.width <= window.width && y + card.height <= window.height).toBe(true);
    const apart =
      x >= target.right || x + card.width <= target.left || y >= target.bottom || y + card.height <= target.top;
    expect(apart).toBe(true);
  });
});

describe("the steps", () => {
  it("begin with what they point at, where a link names nothing but the step", () => {
    const [first, , map] = STEPS;
    if (!first || !map) throw new Error("There are no steps.");
    const bare = readView("?model=tiny_vgg&tour=3");
    expect([strays(map, bare), strays(first, bare)]).toEqual([true, false]);
    expect(strays(map, readView("?model=tiny_vgg&node=conv_1_1&unit=3&at=4,5&tour=3"))).toBe(false);
    expect(strays(first, readView("?model=vgg16&tour=1"))).toBe(true);
  });
  it("are nine, each with its texts", () => {
    expect(STEPS).toHaveLength(9);
    const texts = STEPS.flatMap(({ id }) => ["title", "text", "do"].map((part) => `tour.${id}.${part}`));
    expect(texts.filter((key) => !hasText(key))).toEqual([]);
  });
  it("are not done before something was done", () => {
    const before = readView("?model=tiny_vgg&image=a");
    for (const step of STEPS)
      expect([step.id, isDone(step, { ...before, ...step.view }, { ...before, ...step.view })]).toEqual([
        step.id,
        false,
      ]);
  });
  it("notice what was done", () => {
    const done = (id: string, query: string, before = ""): boolean =>
      isDone(
        STEPS.find((step) => step.id === id) ?? (STEPS[0] as (typeof STEPS)[number]),
        readView(query),
        readView(before),
      );
    expect(done("picture", "?node=input")).toBe(true);
    expect(done("map", "?node=conv_1_1&unit=3&at=2,2")).toBe(true);
    expect(done("field", "?at=2,2", "?at=10,12")).toBe(true);
    expect(done("answer", "?image=b", "?image=a")).toBe(true);
    expect(done("answer", "", "?image=a")).toBe(false);
  });
});
