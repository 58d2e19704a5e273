import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Stream, waitBefore } from "./stream";

/** A socket whose other end is the test. */
class Wire {
  static readonly all: Wire[] = [];
  readyState = 0;
  binaryType = "";
  readonly sent: Record<string, unknown>[] = [];
  onopen?: () => void;
  onclose?: () => void;
  onmessage?: (event: { data: unknown }) => void;

  constructor() {
    Wire.all.push(this);
  }
  send(text: string): void {
    this.sent.push(JSON.parse(text) as Record<string, unknown>);
  }
  close(): void {
    this.drop();
  }
  open(): void {
    this.readyState = 1;
    this.onopen?.();
  }
  drop(): void {
    this.readyState = 3;
    this.onclose?.();
  }
  say(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
  frame(id: string, bytes: number): void {
    const json = new TextEncoder().encode(JSON.stringify({ id, dtype: "u8", shape: [bytes] }));
    const start = Math.ceil((4 + json.length) / 8) * 8;
    const all = new Uint8Array(start + bytes);
    new DataView(all.buffer).setUint32(0, json.length, true);
    all.set(json, 4);
    this.onmessage?.({ data: all.buffer });
  }
}

const ASK = { method: "activations", model: "tiny_vgg", image: "i" };
const states: string[] = [];
let stream: Stream;
const wire = (index = Wire.all.length - 1): Wire => Wire.all[index] as Wire;
const sent = (type: string, index?: number) => wire(index).sent.filter((message) => message["type"] === type);

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("WebSocket", { OPEN: 1 });
  Wire.all.length = states.length = 0;
  stream = new Stream(
    "ws://test",
    (state) => states.push(state),
    () => new Wire() as unknown as WebSocket,
  );
});
afterEach(() => {
  stream.close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("asking", () => {
  it("waits for the connection, then tells each ask its own answers", () => {
    const done = vi.fn();
    const other = vi.fn();
    const asking = stream.ask(ASK, { done }, { slot: "explore" });
    stream.ask(ASK, { done: other });
    expect(wire().sent).toEqual([]);
    wire().open();
    expect(sent("ask")).toHaveLength(2);
    expect(sent("ask")[0]).toMatchObject({ ...ASK, id: asking.id, slot: "explore" });
    wire().say({ type: "done", id: asking.id, values: {} });
    expect(done).toHaveBeenCalledOnce();
    expect(other).not.toHaveBeenCalled();
  });
  it("hears nothing of what was cancelled, nor of what left its slot", () => {
    wire().open();
    const [first, second] = [vi.fn(), vi.fn()];
    const left = stream.ask(ASK, { done: first }, { slot: "explore" });
    const kept = stream.ask(ASK, { done: second }, { slot: "explore" });
    wire().say({ type: "done", id: left.id, values: {} });
    kept.cancel();
    kept.cancel();
    wire().say({ type: "done", id: kept.id, values: {} });
    expect([first.mock.calls, second.mock.calls]).toEqual([[], []]);
    expect(sent("cancel")).toEqual([{ type: "cancel", id: kept.id }]);
  });
  it("hears the server's problem, once", () => {
    wire().open();
    const failed = vi.fn();
    const asking = stream.ask(ASK, { failed });
    const problem = { type: "/docs/errors#unknown_image", title: "Unknown image", status: 404, detail: "…" };
    wire().say({ type: "error", id: asking.id, problem });
    wire().say({ type: "error", id: asking.id, problem });
    expect(failed.mock.calls).toEqual([[problem]]);
  });
});

describe("a lost connection", () => {
  it("is opened again, and what is held is asked again with what is looked at", () => {
    wire().open();
    const asked = vi.fn();
    const asking = stream.ask(ASK, { asked });
    asking.look([{ node: "conv" }]);
    wire().drop();
    expect(states.at(-1)).toBe("lost");
    vi.advanceTimersByTime(250);
    wire(1).open();
    expect(sent("ask", 1)).toHaveLength(1);
    expect(sent("look", 1)).toEqual([{ type: "look", id: asking.id, nodes: [{ node: "conv" }] }]);
    expect(asked).toHaveBeenCalledTimes(2);
    expect(states.at(-1)).toBe("open");
  });
  it("is opened at once by who does not want to wait", () => {
    wire().drop();
    stream.reconnect();
    expect(Wire.all).toHaveLength(2);
    vi.advanceTimersByTime(10_000);
    expect(Wire.all).toHaveLength(2);
  });
  it("is tried less and less often, up to every 8 s, and never by all pages at once", () => {
    expect([0, 1, 2, 5, 50].map((attempt) => waitBefore(attempt, 1))).toEqual([250, 500, 1000, 8000, 8000]);
    expect([0, 1, 50].map((attempt) => waitBefore(attempt, 0))).toEqual([125, 250, 4000]);
  });
  it("is not opened again by who has closed it", () => {
    wire().open();
    stream.close();
    vi.advanceTimersByTime(60_000);
    expect(Wire.all).toHaveLength(1);
  });
});

describe("acknowledging", () => {
  it("tells the total: of much at once, of little after a moment", () => {
    wire().open();
    wire().frame("nobody", 1000);
    expect(sent("ack")).toEqual([]);
    vi.advanceTimersByTime(40);
    const first = sent("ack").at(-1)?.["bytes"] as number;
    expect(first).toBeGreaterThanOrEqual(1000);
    wire().frame("nobody", 200_000);
    expect(sent("ack").at(-1)?.["bytes"]).toBeGreaterThan(first + 199_999);
  });
  it("counts from nothing on a new connection", () => {
    wire().open();
    wire().frame("nobody", 200_000);
    wire().drop();
    vi.advanceTimersByTime(250);
    wire().open();
    wire().frame("nobody", 1000);
    vi.advanceTimersByTime(40);
    expect(sent("ack").at(-1)?.["bytes"]).toBeLessThan(2000);
  });
});
