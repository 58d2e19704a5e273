import { describe, expect, it } from "vitest";
import type { Node } from "../lib/types";
import { ownLines, links, sources } from "./edges";
import { GRAPHS } from "./fixtures/graphs";
import { initiallyOpen, items, tree } from "./fold";
import { layout, unitsShown, type Column } from "./layout";

const WINDOWS = [
  { width: 1440, height: 760, zoom: 1 },
  { width: 1920, height: 940, zoom: 1 },
  { width: 950, height: 760, zoom: 1 },
  { width: 390, height: 560, zoom: 1 },
  { width: 1440, height: 760, zoom: 2 },
];
const CASES = Object.entries(GRAPHS).flatMap(([model, nodes]) =>
  WINDOWS.flatMap((window) => {
    const root = tree(nodes);
    const blocks = root.children.flatMap((child) => ("children" in child ? [child.id] : []));
    return [initiallyOpen(root), blocks].map((open) => ({ model, nodes, window, open, root }));
  }),
);

const bottomOf = (column: Column): number => column.top + (column.tiles - 1) * column.pitch + column.tile;

describe.each(CASES)("$model in $window.width × $window.height at $window.zoom", ({ nodes, window, open, root }) => {
  const list = items(root, open);
  const plan = layout(list, window);

  it("keeps everything inside, and nothing on top of another", () => {
    for (const [index, column] of plan.columns.entries()) {
      expect(column.tile).toBeGreaterThan(8);
      expect(column.x).toBeGreaterThan(plan.input.x + plan.input.side);
      expect(column.x + column.tile).toBeLessThan(plan.classes.x);
      expect(bottomOf(column)).toBeLessThanOrEqual(plan.height);
      expect(column.pitch).toBeGreaterThan(column.tile);
      for (const other of plan.columns.slice(index + 1)) {
        const beside = other.x >= column.x + column.tile || column.x >= other.x + other.tile;
        expect(beside || other.top >= bottomOf(column) || column.top >= bottomOf(other)).toBe(true);
      }
    }
    expect(plan.classes.x + plan.classes.width).toBeLessThanOrEqual(plan.width);
  });

  it("counts every unit as drawn or as more", () => {
    for (const { item, tiles, more } of plan.columns) expect(tiles + more).toBe(item.node.shape[0]);
  });

  it("draws a line for everything that is read", () => {
    const drawn = plan.columns.map((column) => ({ column, units: unitsShown(column, undefined) }));
    const all = links(plan, drawn, new Map(nodes.map((node) => [node.name, node])));
    expect(all).toHaveLength(list.reduce((sum, { inputs }) => sum + inputs.length, 0));
    for (const { path } of all) expect(path).not.toContain("NaN");
  });
});

it("fits the tiny network on one screen", () => {
  const plan = layout(items(tree(GRAPHS.tiny_vgg), []), { width: 1440, height: 760, zoom: 1 });
  expect(plan.width).toBe(1440);
  expect(plan.height).toBeLessThanOrEqual(760);
  expect(plan.columns.every(({ more }) => more === 0)).toBe(true);
});

it("shows units by number where all fit, by strength where they don't", () => {
  const plan = layout(items(tree(GRAPHS.resnet18), []), { width: 1440, height: 760, zoom: 1 });
  const wide = plan.columns[0] as Column;
  expect(unitsShown(wide, undefined)[0]).toBeNull();
  expect(unitsShown(wide, [9, 4, 7, ...Array(61).keys()]).slice(0, 3)).toEqual([9, 4, 7]);
  expect(unitsShown({ ...wide, tiles: 3, more: 0 }, [2, 1, 0])).toEqual([0, 1, 2]);
});

describe("which units a unit reads", () => {
  const nodes = (model: keyof typeof GRAPHS) => new Map(GRAPHS[model].map((node) => [node.name, node]));
  const read = (model: keyof typeof GRAPHS, name: string, unit: number) => {
    const all = nodes(model);
    const node = all.get(name);
    return node ? sources(node, unit, all).map((source) => [source.node.name, source.units]) : [];
  };

  it("is all of them for a convolution", () => {
    expect(read("tiny_vgg", "conv_1_2", 3)).toEqual([["relu_1_1", null]]);
  });
  it("is the same one for a pool, and of both addends for a sum", () => {
    expect(read("tiny_vgg", "max_pool_1", 3)).toEqual([["relu_1_2", [3]]]);
    expect(read("resnet18", "layer1.0.add", 5)).toEqual([
      ["layer1.0.bn2", [5]],
      ["maxpool", [5]],
    ]);
  });
  it("is one of one input for a concatenation", () => {
    expect(read("squeezenet1_1", "features.3.concat", 63)).toEqual([["features.3.expand1x1_activation", [63]]]);
    expect(read("squeezenet1_1", "features.3.concat", 64)).toEqual([["features.3.expand3x3_activation", [0]]]);
  });
  it("is its group's for a grouped convolution", () => {
    const all = nodes("tiny_vgg");
    const grouped = { ...(all.get("conv_1_2") as Node), details: { groups: 5 } };
    expect(sources(grouped, 2, all)[0]?.units).toEqual([2, 3]);
  });
  it("sees through a flatten", () => {
    expect(read("tiny_vgg", "output", 1)).toEqual([["max_pool_2", null]]);
  });
});

it("draws one line per unit that is read", () => {
  const nodes = new Map(GRAPHS.tiny_vgg.map((node) => [node.name, node]));
  const plan = layout(items(tree(GRAPHS.tiny_vgg), []), { width: 1440, height: 760, zoom: 1 });
  const drawn = plan.columns.map((column) => ({ column, units: unitsShown(column, undefined) }));
  const count = (node: string) => ownLines(plan, drawn, node, 3, nodes).split("M").length - 1;
  expect(count("conv_1_2")).toBe(10);
  expect(count("relu_1_2")).toBe(1);
  expect(count("conv_1_1")).toBe(1);
});
