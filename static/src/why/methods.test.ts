import { describe, expect, it } from "vitest";
import type { Method } from "../lib/types";
import { explaining, ownFields, paramsOf, shownOf, wantsLayer } from "./methods";

const method = (name: string, shows: string, leads: boolean, properties: Record<string, unknown>): Method => ({
  name,
  title: name.toUpperCase(),
  summary: "",
  help: [],
  source: "",
  image: "required",
  shows,
  leads,
  params: { properties },
});
const target = { title: "Class", type: "integer", names: "class" };
const cam = method("cam", "map", true, { target, node: { title: "Layer", type: "string", names: "layer" } });
const slid = method("slid", "painted", false, { index: target, scale: { title: "Size", type: "number", default: 2 } });
const numbers = method("numbers", "", false, {});
const none = { class: null, layer: null };
const all = [slid, numbers, cam];

describe("the methods that explain", () => {
  it("are those that declare what they show", () => expect(explaining(all)).toEqual([cam, slid]));
  it("lead where none was chosen, and stand in the order in which they were chosen", () => {
    expect(shownOf(all, [])).toEqual([cam]);
    expect(shownOf(all, ["slid", "cam", "nothing", "numbers"])).toEqual([slid, cam]);
  });
  it("are asked about one class and one layer, whatever each calls them", () => {
    const chosen = { class: 7, layer: "conv" };
    expect(paramsOf(cam, chosen, none, {})).toEqual({ target: 7, node: "conv" });
    expect(paramsOf(slid, chosen, none, { scale: 3 })).toEqual({ index: 7, scale: 3 });
    expect(paramsOf(cam, none, none, {})).toEqual({});
  });
  it("are asked about the usual class and layer where they need one, and only there", () => {
    const usual = { class: 3, layer: "last" };
    const node = { title: "Layer", anyOf: [{ type: "string" }, { type: "null" }], default: null, names: "layer" };
    expect(paramsOf(cam, none, usual, {})).toEqual({ target: 3, node: "last" });
    expect(paramsOf(method("free", "map", false, { node }), none, usual, {})).toEqual({});
  });
  it("have what is left as their own settings", () => {
    expect(ownFields(slid).map(({ name }) => name)).toEqual(["scale"]);
    expect([wantsLayer(cam), wantsLayer(slid)]).toEqual([true, false]);
  });
});
