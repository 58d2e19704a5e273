import { describe, expect, it } from "vitest";
import type { Node } from "../lib/types";
import { asCsv, asMarkdown, clicked, readOrder, rowsOf, sorted, totals, writtenOrder, type Sorting } from "./table";

const node = (
  name: string,
  operation: string,
  shape: number[],
  parameters: number,
  macs: number,
  field: number,
): Node =>
  ({
    name,
    operation,
    shape,
    parameters,
    macs,
    receptive_field: { size: [field, field], step: [1, 1], start: [0, 0], whole: operation === "linear" },
  }) as unknown as Node;

// LeNet-5's numbers, as LeCun's paper has them.
const ROWS = rowsOf([
  node("conv1", "convolution", [6, 28, 28], 156, 117_600, 5),
  node("pool1", "max_pool", [6, 14, 14], 0, 0, 6),
  node("conv2", "convolution", [16, 10, 10], 2416, 240_000, 14),
  node("fc|3", "linear", [120], 48_120, 48_000, 32),
]);
const names = (sorting: Sorting): string[] => sorted(ROWS, sorting).map(({ name }) => name);

describe("the table of layers", () => {
  it("is sorted by any column, equal rows in the order of computation", () => {
    expect(names({ column: "place", down: false })).toEqual(["conv1", "pool1", "conv2", "fc|3"]);
    expect(names({ column: "macs", down: true })).toEqual(["conv2", "conv1", "fc|3", "pool1"]);
    expect(names({ column: "shape", down: true })).toEqual(["conv1", "conv2", "pool1", "fc|3"]);
    expect(names({ column: "field", down: true })[0]).toBe("fc|3");
    expect(names({ column: "operation", down: false })).toEqual(["conv1", "conv2", "fc|3", "pool1"]);
  });

  it("is turned by a second click, and put back by a third", () => {
    const once = clicked({ column: "place", down: false }, "macs");
    const twice = clicked(once, "macs");
    expect([once, twice, clicked(twice, "macs")]).toEqual([
      { column: "macs", down: true },
      { column: "macs", down: false },
      { column: "place", down: false },
    ]);
    expect(clicked(once, "name")).toEqual({ column: "name", down: false });
  });

  it("is written in the address and read from there", () => {
    for (const text of ["name", "-parameters", "field", null]) expect(writtenOrder(readOrder(text))).toBe(text);
    for (const text of ["", "-", "place", "-nonsense"]) expect(writtenOrder(readOrder(text))).toBe(null);
  });

  it("sums up", () => {
    expect(totals(ROWS)).toEqual({ parameters: 50_692, activations: 4704 + 1176 + 1600 + 120, macs: 405_600 });
  });

  it("is written as CSV and as Markdown", () => {
    const headings = ["layer", "operation", "shape", "parameters", "activations", "MACs", "receptive, field"];
    const csv = asCsv(ROWS, headings).split("\n");
    expect(csv[0]).toBe('layer,operation,shape,parameters,activations,MACs,"receptive, field"');
    expect(csv[1]).toBe("conv1,convolution,6×28×28,156,4704,117600,5×5");
    expect(csv[4]).toBe("fc|3,linear,120,48120,120,48000,whole");
    const markdown = asMarkdown(ROWS, headings).split("\n");
    expect(markdown[1]).toBe("| --- | --- | ---: | ---: | ---: | ---: | ---: |");
    expect(markdown[5]).toBe("| fc\\|3 | linear | 120 | 48120 | 120 | 48000 | whole |");
  });
});
