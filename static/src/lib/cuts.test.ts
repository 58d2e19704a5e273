import { expect, it } from "vitest";
import { cutWith, cutWithout, edits, read, scaleOf, written, type Edit } from "./cuts";

const off: Edit = { node: "features.3.concat", unit: 12, kind: "scale", value: 0 };
const painted: Edit = { node: "relu_1_1", unit: 2, kind: "paint", value: -1.5, row: 3, column: 4, radius: 2 };
const kernel: Edit = { node: "conv_1_1", unit: 0, kind: "kernel", value: 1e-3, channel: 2, row: 1, column: 0 };

it("writes and reads every kind of cut", () => {
  for (const edit of [off, painted, kernel]) expect(read(written(edit))).toEqual(edit);
  expect(written(off)).toBe("features.3.concat*12*scale*0");
});

it("leaves out what cannot be read", () => {
  const broken = ["", "a*b*scale*0", "a*1*burn*0", "a*1*scale", "a*1*scale*x", "a*1*paint*1*2*3", "*1*scale*0"];
  expect(edits(broken)).toEqual([]);
});

it("has one cut at a place, the last", () => {
  const cuts = cutWith(cutWith([written(kernel)], off), { ...off, value: 2 });
  expect(cuts).toEqual([written(kernel), "features.3.concat*12*scale*2"]);
  expect(scaleOf(cuts, off.node, 12)).toBe(2);
  expect(scaleOf(cuts, off.node, 11)).toBe(1);
  expect(cutWithout(cuts, off)).toEqual([written(kernel)]);
});
