import { expect, it } from "vitest";
import { docstrings, marksOf, partsOf, type Source } from "./source";

const SOURCE: Source = {
  file: "models/resnet.py",
  text: "",
  lines: { "layer1.0.conv1": [123, 85, 36], "layer1.0": [123, 85] },
  forwards: { "layer1.0": 47 },
};

it("a layer leads to its constructor, an operation to the forward that calls it", () => {
  expect(marksOf(SOURCE, "layer1.0.conv1", true)).toEqual({ own: 36, outer: [123, 85] });
  expect(marksOf(SOURCE, "layer1.0", false)).toEqual({ own: 47, outer: [123, 85] });
  expect(marksOf(SOURCE, "nowhere", true)).toEqual({ own: null, outer: [] });
});

it("a line is taken apart without losing a letter", () => {
  for (const line of ["", "    return x if self.fc is None else y  # why", "class Fire(nn.Module):", "informed = 3"]) {
    const parts = partsOf(line);
    expect(parts.map(({ text }) => text).join("")).toBe(line);
  }
  expect(partsOf("def f(x):  # in").map(({ kind }) => kind)).toEqual(["keyword", "plain", "comment"]);
  expect(docstrings(["a", '"""one"""', '"""two', "lines", '"""', "b"])).toEqual([false, true, true, true, true, false]);
});
