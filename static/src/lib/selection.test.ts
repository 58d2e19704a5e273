import { beforeEach, describe, expect, it, vi } from "vitest";
import { offer } from "./commands";
import { setImageOrder } from "./samples";
import { press, Selection, selection } from "./selection.svelte";
import { hasText } from "./texts";
import { readView, writeView } from "./query";
import { CONTROLS, KEYS, PROPERTIES, type View } from "./view";

const INITIAL = readView("");
const VIEW: View = {
  ...INITIAL,
  model: "resnet18",
  image: "abc",
  node: "layer1.0.relu.1",
  unit: 3,
  at: [11, 9],
  why: ["grad_cam", "saliency"],
  target: 207,
  layer: "layer4",
  region: [100, 60],
  opacity: 0.45,
  range: "net",
  open: ["layer1", "features.0:"],
  zoom: 1.5,
  theme: "dark",
  lang: "de",
  hide: ["samples", "range"],
  sort: "-parameters",
  stage: true,
  tour: 3,
};

let pushed: string[] = [];
let replaced: string[] = [];
beforeEach(() => {
  pushed = [];
  replaced = [];
  const place = { pathname: "/", search: "" };
  const go = (list: string[]) => (_state: unknown, _title: string, address: string) => {
    list.push(address);
    place.search = address.slice(1);
  };
  vi.stubGlobal("location", place);
  vi.stubGlobal("history", { pushState: go(pushed), replaceState: go(replaced) });
});

describe("the URL", () => {
  it("is the view, there and back", () => {
    expect(readView(writeView(VIEW))).toEqual(VIEW);
    expect(writeView(VIEW)).toContain("at=11,9");
  });
  it("says nothing of what is as it was", () => {
    expect(writeView(INITIAL)).toBe("");
  });
  it("is read as far as it makes sense", () => {
    expect(readView("?unit=-1&at=3&range=all&zoom=17&theme=blue&lang=tlh&stage=yes&tour=0&mode=Why&unit=1e9")).toEqual(
      INITIAL,
    );
    expect(readView("?unit=12&at=0,0&open=")).toEqual({ ...INITIAL, unit: 12, at: [0, 0], open: [] });
  });
  it("keeps that everything is folded apart from that nobody chose", () => {
    expect(readView(writeView({ ...INITIAL, open: [] })).open).toEqual([]);
    expect(readView(writeView({ ...INITIAL, open: null })).open).toBeNull();
  });
});

describe("a change", () => {
  it("lets go of what depends on it", () => {
    const chosen = new Selection();
    chosen.restore(VIEW);
    chosen.go({ unit: 4 });
    expect([chosen.node, chosen.unit, chosen.at]).toEqual([VIEW.node, 4, null]);
    chosen.go({ node: "conv1", unit: 2, at: [0, 0] });
    expect([chosen.unit, chosen.at]).toEqual([2, [0, 0]]);
    chosen.go({ model: "vgg16" });
    expect([chosen.node, chosen.unit, chosen.at, chosen.open, chosen.range]).toEqual([null, null, null, null, "net"]);
    expect([chosen.target, chosen.layer, chosen.region]).toEqual([null, null, null]);
  });
  it("is a step that can be gone back where it leads somewhere else, and none where it doesn't", () => {
    const chosen = new Selection();
    chosen.go({ model: "lenet5", image: "a" });
    expect([pushed.length, replaced.length]).toEqual([0, 1]);
    chosen.go({ node: "conv1" });
    chosen.go({ range: "unit" });
    chosen.go({ range: "unit" });
    expect(pushed).toEqual(["/?model=lenet5&image=a&node=conv1"]);
    expect(replaced.at(-1)).toBe("/?model=lenet5&image=a&node=conv1&range=unit");
    expect(replaced).toHaveLength(2);
  });
});

describe("the levels", () => {
  it("are left one by one", () => {
    const chosen = new Selection();
    chosen.restore(VIEW);
    chosen.out();
    expect([chosen.why, chosen.level]).toEqual([null, "value"]);
    const levels = [chosen.level];
    for (let step = 0; step < 4; step += 1) {
      chosen.out();
      levels.push(chosen.level);
    }
    expect(levels).toEqual(["value", "unit", "layer", "network", "network"]);
    expect(chosen.stage).toBe(false);
  });
});

describe("the keys", () => {
  const key = (name: string, held = {}) => press({ key: name, ctrlKey: false, metaKey: false, altKey: false, ...held });

  it("are each bound once, and each explained", () => {
    const bound = KEYS.filter(({ run }) => run).flatMap(({ keys }) => keys);
    expect(new Set(bound).size).toBe(bound.length);
    // A key that moves in two kinds of places is told twice.
    const named = KEYS.filter(({ run }) => !run).flatMap(({ keys }) => keys);
    expect(named.filter((name) => bound.includes(name))).toEqual([]);
    for (const { text } of KEYS) expect(hasText(text)).toBe(true);
    expect(KEYS).toHaveLength(Object.values(PROPERTIES).flatMap(({ keys }) => keys).length);
  });
  it("do what they say", () => {
    selection.restore({ ...VIEW, range: "unit", zoom: 1, theme: "auto" });
    setImageOrder(["abc", "def"]);
    for (const name of ["r", "+", "t", "i"]) expect(key(name)).toBe(true);
    expect([selection.range, selection.zoom, selection.theme, selection.image]).toEqual(["layer", 1.5, "light", "def"]);
    key("I");
    expect(selection.image).toBe("abc");
    key("?");
    expect(selection.helping).toBe(true);
    key("Escape");
    expect([selection.helping, selection.why?.length, selection.level]).toEqual([false, 2, "value"]);
    key("w");
    expect([selection.why, selection.level]).toEqual([null, "value"]);
    key("w");
    expect([selection.why, selection.level]).toEqual([[], "value"]);
    selection.go({ node: "conv1" });
    expect(selection.why).toBeNull();
    selection.restore({ ...VIEW, why: null });
    key("Escape");
    expect(selection.level).toBe("unit");
  });
  it("do what a part of the page offers, as long as it does", () => {
    const pressed: string[] = [];
    expect(key("PageDown")).toBe(false);
    const takeBack = offer({ "keys.view.next": (name) => void pressed.push(name), "keys.view.before": () => false });
    expect([key("PageDown"), key("PageUp")]).toEqual([true, false]);
    takeBack();
    expect([key("PageDown"), pressed]).toEqual([false, ["PageDown"]]);
  });
  it("leave the browser's own alone", () => {
    expect(key("r", { ctrlKey: true })).toBe(false);
    expect(key("q")).toBe(false);
  });
});

describe("the controls", () => {
  const sources = Object.values(
    import.meta.glob<string>("../**/*.svelte", { query: "?raw", import: "default", eager: true }),
  ).join("");
  it("that can be hidden are those that the page has, and the help tells of each", () => {
    const hidden = [...sources.matchAll(/hides\("(\w+)"\)/g)].map(([, name]) => name);
    expect(new Set(hidden)).toEqual(new Set(CONTROLS));
    for (const name of CONTROLS) expect(hasText(`control.${name}`)).toBe(true);
  });
});
