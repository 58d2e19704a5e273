import { expect, it } from "vitest";
import type { Drawn } from "./edges";
import { looks } from "./looks";

const drawn = (name: string, shape: number[], width: number, units: (number | null)[]): Drawn =>
  ({ column: { width, item: { node: { name, shape } } }, units }) as unknown as Drawn;

const none = (): boolean => false;

it("names everything on screen, so that its strips come first", () => {
  const all = [
    drawn("conv", [8, 28, 28], 50, [0, 1]),
    drawn("fc", [10], 28, [3]),
    drawn("wide", [64, 112, 112], 60, [9]),
  ];
  expect(looks(all, 1, none)).toEqual([{ node: "conv" }, { node: "fc" }, { node: "wide", units: "0", size: 64 }]);
});

it("asks for what is drawn larger than a strip has it, at the pixels of the screen", () => {
  expect(looks([drawn("conv1", [64, 112, 112], 60, [9, 4])], 2, none)).toEqual([
    { node: "conv1", units: "9,4", size: 120 },
  ]);
});

it("asks for units that no strip held", () => {
  const lacks = (_node: string, unit: number): boolean => unit === 17;
  expect(looks([drawn("conv", [20, 28, 28], 50, [0, 17])], 1, lacks)).toEqual([
    { node: "conv", units: "17", size: 64 },
  ]);
});

it("does not ask for units before it knows which", () => {
  expect(looks([drawn("conv", [64, 28, 28], 50, [null, null])], 2, none)).toEqual([{ node: "conv" }]);
});
