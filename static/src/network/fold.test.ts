import { describe, expect, it } from "vitest";
import { GRAPHS } from "./fixtures/graphs";
import { items, standsFor } from "./fold";
import { blocksAround, blocksIn, initiallyOpen, toggled, tree } from "./tree";

const drawn = (model: keyof typeof GRAPHS, open?: string[]) => {
  const root = tree(GRAPHS[model]);
  return items(root, open ?? initiallyOpen(root));
};

describe("a small network", () => {
  it("shows every layer that computes something, one column each", () => {
    const list = drawn("tiny_vgg");
    expect(list.map(({ label }) => label)).toEqual(GRAPHS.tiny_vgg.map(({ name }) => name));
    expect(list.map(({ column }) => column)).toEqual(list.map((_, index) => index));
  });

  it("draws a flatten that puts maps into a row, and leaves out one that has nothing to do", () => {
    expect(drawn("tiny_vgg").at(-1)?.inputs).toEqual(["flatten"]);
    expect(drawn("resnet18").at(-1)?.inputs).toEqual(["avgpool"]);
  });
});

describe("resnet18", () => {
  it("folds into its stages", () => {
    const labels = drawn("resnet18").map(({ label }) => label);
    expect(labels).toEqual([
      "input",
      "conv1",
      "bn1",
      "relu",
      "maxpool",
      "layer1",
      "layer2",
      "layer3",
      "layer4",
      "avgpool",
      "fc",
    ]);
  });

  it("shows a stage by its last layer's maps", () => {
    const stage = drawn("resnet18").find(({ id }) => id === "layer2");
    expect(stage?.node.name).toBe("layer2.1.relu.1");
    expect(stage?.block?.nodes).toHaveLength(16);
  });

  it("opens in place, its branches side by side and its sum behind both", () => {
    const list = drawn("resnet18", ["layer2", "layer2.0"]);
    const column = (id: string) => list.find((entry) => entry.id === id)?.column ?? -1;
    expect(column("layer2.0.downsample.0")).toBe(column("layer2.0.conv1"));
    expect(column("layer2.0.add")).toBe(column("layer2.0.bn2") + 1);
    const sum = list.find(({ id }) => id === "layer2.0.add");
    expect(sum?.inputs).toEqual(["layer2.0.bn2", "layer2.0.downsample.1"]);
    expect(sum?.label).toBe("add");
    expect(sum?.within).toEqual(["layer2", "layer2.0"]);
  });

  it("closes what is inside with the block", () => {
    const root = tree(GRAPHS.resnet18);
    expect(toggled(["layer1", "layer2", "layer2.0"], root, "layer2")).toEqual(["layer1"]);
    expect(toggled(["layer1"], root, "layer3")).toEqual(["layer1", "layer3"]);
  });

  it("knows which blocks hide a node", () => {
    expect(blocksAround(tree(GRAPHS.resnet18), "layer3.1.bn1")).toEqual(["layer3", "layer3.1"]);
    expect(blocksAround(tree(GRAPHS.resnet18), "conv1")).toEqual([]);
  });
});

describe("resnet152", () => {
  it("folds into its stages, though one of them is most of it", () => {
    expect(initiallyOpen(tree(GRAPHS.resnet152))).toEqual([]);
    expect(drawn("resnet152").map(({ label }) => label)).toContain("layer3");
  });

  it("opens block by block down to every layer", () => {
    const root = tree(GRAPHS.resnet152);
    const list = drawn("resnet152", ["layer3", "layer3.17"]);
    expect(list.filter(({ within }) => within.includes("layer3.17")).map(({ label }) => label)).toContain("conv2");
    expect(items(root, blocksIn(root))).toHaveLength(GRAPHS.resnet152.length - 1);
  });
});

describe("paths side by side", () => {
  const lanes = (model: keyof typeof GRAPHS, open: string[], prefix: string) =>
    new Map(
      drawn(model, open)
        .filter(({ id }) => id.startsWith(prefix))
        .map(({ id, lane }) => [id.slice(prefix.length), lane]),
    );

  it("keep their lane from the fork to where they merge", () => {
    const paths = ["branch1", "branch2", "branch3", "branch4"].map((branch) => `inception3b.${branch}`);
    const found = lanes("inception", ["inception3b", ...paths], "inception3b.");
    for (const [lane, branch] of ["branch1", "branch2", "branch3", "branch4"].entries()) {
      const own = [...found].filter(([id]) => id.startsWith(branch)).map(([, at]) => at);
      expect(own.length).toBeGreaterThanOrEqual(2);
      expect(new Set(own)).toEqual(new Set([lane]));
    }
    expect(found.get("concat")).toBe(0);
  });

  it("never stand on each other", () => {
    for (const [model, nodes] of Object.entries(GRAPHS)) {
      const list = items(tree(nodes), blocksIn(tree(nodes)));
      expect(new Set(list.map(({ column, lane }) => `${column} ${lane}`)).size, model).toBe(list.length);
      for (const { lane, lanes: counts } of list) expect(lane).toBeLessThan(counts.length);
    }
  });
});

it("folds nothing that reads what reads it", () => {
  expect(blocksIn(tree(GRAPHS.dense))).not.toContain("denselayer");
  expect(drawn("dense").map(({ id }) => id)).toContain("denselayer.2");
});

describe("vgg16", () => {
  it("is divided where its maps shrink", () => {
    const labels = drawn("vgg16").map(({ label }) => label);
    expect(labels.slice(0, 6)).toEqual(["input", "0–4", "5–9", "10–16", "17–23", "24–30"]);
    expect(labels.slice(6)).toEqual(["avgpool", "flatten", "classifier"]);
  });
});

describe("squeezenet1_1", () => {
  it("opens the block that is nearly all of it", () => {
    const list = drawn("squeezenet1_1");
    expect(list.map(({ label }) => label).slice(0, 6)).toEqual(["input", "0", "1", "2", "3", "4"]);
    expect(list.length).toBeLessThanOrEqual(18);
  });

  it("stacks the two ways through a fire module", () => {
    const list = drawn("squeezenet1_1", ["features", "features.3"]);
    const column = (id: string) => list.find((entry) => entry.id === `features.3.${id}`)?.column;
    expect(column("expand1x1")).toBe(column("expand3x3"));
    expect(column("concat")).toBe((column("expand3x3_activation") ?? 0) + 1);
  });
});

describe.each(Object.entries(GRAPHS))("%s", (_, nodes) => {
  it("has one item for every node, however it is folded", () => {
    const root = tree(nodes);
    for (const open of [[], initiallyOpen(root), blocksIn(root)]) {
      const list = items(root, open);
      const stands = standsFor(list, nodes);
      expect([...stands.keys()].sort()).toEqual(nodes.map(({ name }) => name).sort());
      for (const entry of list) {
        for (const input of entry.inputs) {
          expect(list.find(({ id }) => id === input)?.column ?? Infinity).toBeLessThan(entry.column);
        }
      }
    }
  });
});
