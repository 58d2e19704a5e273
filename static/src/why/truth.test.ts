import { expect, it } from "vitest";
import { beats, testedOf } from "./truth";

const curve = (deletion: number, insertion: number): object => ({
  ...{ deletion: [1, 0], insertion: [0, 1], deletion_area: deletion, insertion_area: insertion, map: "good" },
});
const values = {
  curves: {
    random: curve(0.5, 0.5),
    grad_cam: curve(0.2, 0.9),
    saliency: curve(0.6, 0.7),
    lrp: curve(0.5, 0.5),
    occlusion: { map: "flat", reason: "Every pixel has the same value." },
  },
};

it("keeps the order that was asked for, chance last, and leaves out what has not come", () => {
  const tested = testedOf(values, ["saliency", "occlusion", "rise", "grad_cam"]);
  expect(tested.map(({ name }) => name)).toEqual(["saliency", "occlusion", "grad_cam", "random"]);
  expect(tested[1]).toMatchObject({ map: "flat", deletion: [], deletionArea: null });
});

it("says who beats chance: lower where pixels are hidden and higher where they are shown", () => {
  const tested = testedOf(values, ["grad_cam", "saliency", "lrp", "occlusion"]);
  expect(tested.slice(0, 4).map((one) => beats(one, tested))).toEqual(["both", "one", "none", null]);
});
