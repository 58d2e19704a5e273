import { describe, expect, it } from "vitest";
import { anchorAt, scrollFor } from "./anchor";
import { GRAPHS } from "./fixtures/graphs";
import { items } from "./fold";
import { layout, type Layout } from "./layout";
import { parts } from "./parts";
import { tree } from "./tree";

const root = tree(GRAPHS.resnet152);
const planOf = (open: string[], zoom = 1): Layout =>
  layout(items(root, open), null, { width: 1440, height: 760, zoom });
const placeOf = (plan: Layout, id: string): number => plan.columns.find(({ item }) => item.id === id)?.header.x ?? NaN;

describe("what was under the pointer stays under it", () => {
  const point = { x: 600, y: 300 };

  it("when it zooms", () => {
    const [before, after] = [planOf(["layer3"]), planOf(["layer3"], 2.3)];
    const left = placeOf(before, "layer3.20") - point.x;
    const to = scrollFor(after, anchorAt(before, left, 0, point));
    expect(placeOf(after, "layer3.20") - to.left).toBeCloseTo(point.x);
    const height = (plan: Layout, y: number): number => (y - plan.top) / (plan.bottom - plan.top);
    expect(height(after, to.top + point.y)).toBeCloseTo(height(before, point.y));
  });
  it("when a block opens there, and folds again", () => {
    const [folded, open] = [planOf(["layer3"]), planOf(["layer3", "layer3.17"])];
    const left = placeOf(folded, "layer3.17") - point.x;
    const opened = scrollFor(open, anchorAt(folded, left, 0, point));
    expect(placeOf(open, "layer3.17.conv1") - opened.left).toBeCloseTo(point.x);
    const inside = placeOf(open, "layer3.17.bn2") - point.x;
    const closed = scrollFor(folded, anchorAt(open, inside, 0, point));
    expect(placeOf(folded, "layer3.17") - closed.left).toBeCloseTo(point.x);
  });
  it("over the picture and the classes too", () => {
    const [before, after] = [planOf(["layer3"]), planOf(["layer3", "layer3.17"])];
    const left = before.classes.x + 20 - point.x;
    expect(after.classes.x + 20 - scrollFor(after, anchorAt(before, left, 0, point)).left).toBeCloseTo(point.x);
    expect(scrollFor(after, anchorAt(before, 0, 0, { x: 30, y: 40 })).left).toBeCloseTo(0);
  });
});

it("counts the parts of a network at its outermost level", () => {
  expect(
    parts(planOf(["layer3", "layer3.17"]))
      .map(({ label }) => label)
      .slice(0, 8),
  ).toEqual(["conv1", "bn1", "relu", "maxpool", "layer1", "layer2", "layer3", "layer4"]);
});
