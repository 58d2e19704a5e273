import { beforeEach, expect, it, vi } from "vitest";
import { nextLayer, parsed, Prepared, queryOf } from "./prepared.svelte";
import { stageScale } from "./stage.svelte";
import { readView } from "./query";

const at = (query: string) => readView(query);

let stored: Record<string, string> = {};
beforeEach(() => {
  stored = {};
  vi.stubGlobal("localStorage", {
    getItem: (key: string) => stored[key] ?? null,
    setItem: (key: string, text: string) => (stored[key] = text),
  });
});

function three(): Prepared {
  const list = new Prepared();
  for (const node of ["a", "b", "c"]) list.keep(node.toUpperCase(), at(`?model=m&node=${node}&theme=dark&stage=1`));
  return list;
}

it("keeps what is seen and not the frame around it, once, and beyond a reload", () => {
  const list = three();
  list.keep("again", at("?model=m&node=b&lang=de"));
  expect(list.views.map(({ query }) => query)).toEqual(["?model=m&node=a", "?model=m&node=b", "?model=m&node=c"]);
  expect(list.has(at("?model=m&node=c&stage=1"))).toBe(true);
  const other = new Prepared();
  other.recall();
  expect(other.views).toEqual(list.views);
});

it("steps through the views, and from elsewhere back to where it was", () => {
  const list = three();
  const nodes = [at("?model=m"), at("?model=m&node=a"), at("?model=m&node=c")].map((view) => list.step(view, 1)?.node);
  expect(nodes).toEqual(["a", "b", undefined]);
  expect(list.step(at("?model=m&node=elsewhere"), 1)?.node).toBe("c");
  expect(list.step(at("?model=m&node=elsewhere"), -1)?.node).toBe("c");
  expect(list.step(at("?model=m&node=a"), -1)).toBeUndefined();
});

it("is put in order, renamed and thinned out", () => {
  const list = three();
  list.move(2, -1);
  list.move(0, -1);
  list.rename(1, "Third");
  list.remove(2);
  expect(list.views.map(({ title }) => title)).toEqual(["A", "Third"]);
});

it("travels in a link and in a file, and takes nothing else", () => {
  const list = three();
  const other = new Prepared();
  other.keep("mine", at("?model=m&node=b"));
  expect(other.takeLink(new URL(list.link("http://here")).hash)).toBe(true);
  expect(other.views.map(({ title }) => title)).toEqual(["mine", "A", "C"]);
  expect(other.takeLink("#word")).toBe(false);
  for (const text of ["", "{}", "[1]", '[{"title":"t","query":"http://elsewhere"}]'])
    expect(parsed(text)).toBeUndefined();
});

it("without views the layers follow each other", () => {
  const names = ["input", "conv", "relu"];
  expect(nextLayer(names, at("?model=m"), 1)?.node).toBe("input");
  expect(nextLayer(names, at("?model=m&node=conv&unit=3"), 1)).toMatchObject({ node: "relu", unit: null, at: null });
  expect(nextLayer(names, at("?model=m&node=input"), -1)?.node).toBeNull();
  expect(nextLayer(names, at("?model=m"), -1)).toBeUndefined();
  expect(nextLayer(names, at("?model=m&node=relu"), 1)).toBeUndefined();
});

it("leaves the frame out of a kept view's address", () => {
  expect(queryOf(at("?model=m&range=net&tour=3&hide=range&zoom=2"))).toBe("?model=m&range=net&zoom=2");
});

it("makes text on the stage as large a part of any projection, and never small", () => {
  expect([stageScale(1920, 1080), stageScale(3840, 2160), stageScale(1024, 768)]).toEqual([1.7, 3.4, 1.6]);
});
