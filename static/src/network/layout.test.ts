import { describe, expect, it } from "vitest";
import type { Node } from "../lib/types";
import { classLines, ownLines, links, type Scope } from "./edges";
import { GRAPHS } from "./fixtures/graphs";
import { items, type Item } from "./fold";
import { layout, unitsShown, type Column, type Layout } from "./layout";
import { routesOf } from "./routes";
import { blocksIn, initiallyOpen, isBlock, tree } from "./tree";

const WINDOWS = [
  { width: 1440, height: 760, zoom: 1 },
  { width: 1920, height: 940, zoom: 1 },
  { width: 950, height: 760, zoom: 1 },
  { width: 390, height: 560, zoom: 1 },
  { width: 1440, height: 760, zoom: 2 },
];
/** The last item, where it holds one value per class. */
const answerOf = (list: readonly Item[]): Item | null => {
  const last = list.at(-1);
  return last?.node.shape.length === 1 && !last.block ? last : null;
};
const planOf = (model: keyof typeof GRAPHS, open: string[] = [], width = 1440, height = 760): Layout => {
  const list = items(tree(GRAPHS[model]), open);
  return layout(list, answerOf(list), { width, height, zoom: 1 });
};
function scopeOf(plan: Layout, nodes: readonly Node[]): Scope {
  const drawn = plan.columns.map((column) => ({ column, units: unitsShown(column, [...Array(4096).keys()]) }));
  return {
    layout: plan,
    drawn: new Map(drawn.map((entry) => [entry.column.item.id, entry])),
    nodes: new Map(nodes.map((node) => [node.name, node])),
    shown: new Set(plan.columns.map(({ item }) => item.node.name)),
  };
}
const CASES = Object.entries(GRAPHS).flatMap(([model, nodes]) =>
  WINDOWS.flatMap((window) => {
    const root = tree(nodes);
    const blocks = root.children.flatMap((child) => (isBlock(child) ? [child.id] : []));
    return [initiallyOpen(root), blocks, blocksIn(root)].map((open) => ({ model, nodes, window, open, root }));
  }),
);

const bottomOf = (column: Column): number => column.top + (column.tiles - 1) * column.pitch + column.height;

describe.each(CASES)("$model in $window.width × $window.height at $window.zoom", ({ nodes, window, open, root }) => {
  const list = items(root, open);
  const plan = layout(list, answerOf(list), window);

  it("keeps everything inside, and nothing on top of another", () => {
    for (const [index, column] of plan.columns.entries()) {
      expect(column.width).toBeGreaterThan(8);
      expect(column.x).toBeGreaterThan(plan.input.x + plan.input.side);
      expect(column.x).toBeLessThanOrEqual(plan.classes.x);
      expect(bottomOf(column)).toBeLessThanOrEqual(plan.height);
      expect(column.pitch).toBeGreaterThan(column.height);
      const on = plan.columns.slice(index + 1).find((other) => {
        const beside = other.x >= column.x + column.width || column.x >= other.x + other.width;
        return !beside && other.top < bottomOf(column) && column.top < bottomOf(other);
      });
      expect(on?.item.id).toBeUndefined();
    }
    expect(plan.classes.x + plan.classes.width).toBeLessThanOrEqual(plan.width);
  });

  it("counts every unit as drawn or as more", () => {
    for (const { item, tiles, more } of plan.columns) expect(tiles + more).toBe(item.node.shape[0]);
  });

  it("draws a line for everything that is read", () => {
    const all = links(routesOf(plan), scopeOf(plan, nodes));
    expect(all).toHaveLength(list.reduce((sum, { inputs }) => sum + inputs.length, 0));
    for (const { path } of all) expect(path).not.toContain("NaN");
  });
});

it("fits the tiny network on one screen, and on a projection that magnifies it", () => {
  // 1920 × 1080 in stage mode.
  const stage = planOf("tiny_vgg", [], 1129, 600);
  expect([stage.width, stage.scrolls, stage.headings.aslant]).toEqual([1129, false, false]);
  // Beside an open panel.
  expect(planOf("tiny_vgg", [], 950).scrolls).toBe(false);
  const plan = planOf("tiny_vgg");
  expect(plan.width).toBe(1440);
  expect(plan.scrolls).toBe(false);
  const maps = plan.columns.filter(({ item }) => item.node.shape.length === 3);
  expect(maps.every(({ more }) => more === 0)).toBe(true);
});

it("draws maps at whole multiples of their pixels where that nearly fills their room", () => {
  for (const { item, width } of planOf("lenet5").columns) {
    if (item.node.shape.length === 3) expect(width % (item.node.shape[1] ?? 1), item.id).toBe(0);
  }
});

it("shows all of a dense layer that has room, and puts the answer beside the classes", () => {
  const plan = planOf("lenet5");
  expect(plan.columns.find(({ item }) => item.id === "fc4")?.more).toBe(0);
  expect(plan.answer?.item.id).toBe("output");
  expect(plan.answer?.tiles).toBe(10);
});

it("shows units by number where all fit, by strength where they don't", () => {
  const wide = planOf("resnet18").columns[0] as Column;
  expect(unitsShown(wide, undefined)[0]).toBeNull();
  expect(unitsShown(wide, [9, 4, 7, ...Array(61).keys()]).slice(0, 3)).toEqual([9, 4, 7]);
  expect(unitsShown({ ...wide, tiles: 3, more: 0 }, [2, 1, 0])).toEqual([0, 1, 2]);
});

it("draws one line per unit that is read", () => {
  const plan = planOf("tiny_vgg");
  const scope = scopeOf(plan, GRAPHS.tiny_vgg);
  const count = (node: string): number => {
    const drawn = scope.drawn.get(node);
    return drawn ? ownLines(drawn, 3, routesOf(plan), scope).split("M").length - 1 : -1;
  };
  expect(count("conv_1_2")).toBe(10);
  expect(count("relu_1_2")).toBe(1);
  expect(count("conv_1_1")).toBe(1);
  expect(count("flatten")).toBe(1);
});

it("runs a path's line in its own lane, and a skip connection below", () => {
  const plan = planOf("resnet18", ["layer2", "layer2.0", "layer2.1"]);
  const around = routesOf(plan).filter(({ lane }) => lane !== null);
  const [own, below] = [around[0], around[1]];
  expect([own?.from?.item.id, own?.to.item.id]).toEqual(["layer2.0.downsample.1", "layer2.0.add"]);
  expect(own?.lane).toBeLessThan(plan.bottom);
  expect([below?.from?.item.id, below?.to.item.id]).toEqual(["layer2.0.relu.1", "layer2.1.add"]);
  expect(below?.lane).toBeGreaterThan(plan.bottom);
});

it("leads from the values of a folded block to the classes that they are", () => {
  const plan = planOf("resnet18");
  const column = plan.columns.at(-1) as Column;
  const drawn = { column, units: [7, 3, 9] };
  const paths = classLines(drawn, [9, 5, 7], plan).split("M").slice(1);
  expect(paths).toHaveLength(2);
  expect(paths[0]).toMatch(new RegExp(`${(plan.classes.y + plan.classes.height / 6).toFixed(1)}$`));
});

it("puts the brackets of paths side by side among the tiles, each over its own and none over another's", () => {
  const paths = ["branch1", "branch2", "branch3", "branch4"].map((branch) => `inception3b.${branch}`);
  const root = tree(GRAPHS.inception);
  const plan = layout(items(root, ["inception3b", ...paths]), null, { width: 1440, height: 760, zoom: 1 });
  const found = new Map(plan.brackets.map((bracket) => [bracket.id, bracket]));
  expect([...found.values()].map(({ name }) => name)).toEqual([
    "inception3b",
    "branch1",
    "branch2",
    "branch3",
    "branch4",
  ]);
  const heights = paths.map((path) => found.get(path)?.y ?? 0);
  expect(heights).toEqual([...new Set(heights)].sort((one, other) => one - other));
  const columnsOf = (path: string): Column[] => plan.columns.filter(({ item }) => item.within.includes(path));
  for (const [index, path] of paths.entries()) {
    if (index === 0) continue;
    const [own, above] = [columnsOf(path), columnsOf(paths[index - 1] ?? "")];
    const y = found.get(path)?.y ?? 0;
    for (const { header } of own) expect(header.y).toBeGreaterThanOrEqual(y + 19);
    for (const { top, pitch, height, tiles } of above) expect(top + (tiles - 1) * pitch + height).toBeLessThan(y);
  }
});
