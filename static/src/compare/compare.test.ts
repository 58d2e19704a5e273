import { describe, expect, it } from "vitest";
import { readView } from "../lib/query";
import { GRAPHS } from "../network/fixtures/graphs";
import { halfAddress, readComparison, writeComparison, type Comparison } from "./address";
import { counterpart, followed, spotOf } from "./messages";

const view = readView;

describe("a comparison", () => {
  it("is its address", () => {
    const comparison: Comparison = {
      same: "model",
      pinned: false,
      below: true,
      halves: [view("?model=vgg16&image=a&node=features.0&unit=3&at=1,2"), view("?model=vgg16&image=b")],
    };
    const written = writeComparison(comparison, view("?theme=dark"));
    expect(readComparison(written)).toEqual(comparison);
    expect(view(written).theme).toBe("dark");
    expect(readComparison("")).toMatchObject({ same: "image", pinned: true, below: false });
  });

  it("hides in its halves what stands around them", () => {
    const address = new URL(halfAddress(view("?model=vgg16"), view("?hide=upload")), "http://localhost");
    expect(address.searchParams.get("hide")?.split(",")).toEqual(expect.arrayContaining(["modes", "stage", "upload"]));
  });
});

describe("a half that follows", () => {
  it("takes over everything in the same network", () => {
    const other = view("?model=vgg16&image=a&node=features.2&unit=3&at=1,2&range=unit");
    const own = followed(view("?model=vgg16&image=b"), GRAPHS.vgg16, other, null, "model");
    expect(own).toEqual({ ...other, image: "b" });
  });

  it("takes over the layer that corresponds in another network, and the picture", () => {
    const other = view("?model=vgg16&image=a&node=features.0&unit=3");
    const spot = spotOf(GRAPHS.vgg16, "features.0");
    const own = followed(view("?model=resnet18&image=b"), GRAPHS.resnet18, other, spot, "image");
    expect([own.model, own.image, own.node, own.unit]).toEqual(["resnet18", "a", "conv1", null]);
  });

  it("finds the same operation at about the same depth", () => {
    const last = GRAPHS.vgg16.findLast(({ operation }) => operation === "linear");
    const spot = spotOf(GRAPHS.vgg16, last?.name ?? "");
    expect(spot && counterpart(GRAPHS.resnet18, spot)).toBe("fc");
    expect(spotOf(GRAPHS.vgg16, "nowhere")).toBeNull();
  });
});
