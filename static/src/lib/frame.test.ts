import { describe, expect, it } from "vitest";
import { decodeFrame, valueOfByte } from "./frame";
import { tilesOf, valueAt } from "./maps";
import type { FrameHeader } from "./types";

function encoded(header: Partial<FrameHeader>, data: Uint8Array): ArrayBuffer {
  const json = new TextEncoder().encode(JSON.stringify(header));
  const start = Math.ceil((4 + json.length) / 8) * 8;
  const bytes = new Uint8Array(start + data.length);
  new DataView(bytes.buffer).setUint32(0, json.length, true);
  bytes.set(json, 4);
  bytes.set(data, start);
  return bytes.buffer;
}

const MAP = { id: "a", node: "c", name: "c", kind: "signed", axes: ["unit", "row", "column"], detail: "map" } as const;

describe("a binary frame", () => {
  it("is read with its array, whatever the header's length", () => {
    for (const id of ["", "a", "ab", "abcdefg", "é"]) {
      const frame = decodeFrame(encoded({ ...MAP, axes: [], id, dtype: "u8", shape: [3] }, Uint8Array.of(7, 8, 9)));
      expect(frame.header.id).toBe(id);
      expect([...frame.data]).toEqual([7, 8, 9]);
    }
  });
  it("holds floats of 32 and of 16 bits", () => {
    const single = new Uint8Array(Float32Array.of(1.5, -2).buffer);
    expect([...decodeFrame(encoded({ dtype: "f32", shape: [2] }, single)).data]).toEqual([1.5, -2]);
    const half = new Uint8Array(Uint16Array.of(0x3c00, 0xc000, 0x7c00, 0x0001).buffer);
    expect([...decodeFrame(encoded({ dtype: "f16", shape: [4] }, half)).data]).toEqual([1, -2, Infinity, 2 ** -24]);
  });
  it("is refused where bytes are missing", () => {
    const whole = encoded({ dtype: "u8", shape: [4] }, Uint8Array.of(1, 2, 3, 4));
    expect(() => decodeFrame(whole.slice(0, -1))).toThrow("should have");
    expect(() => decodeFrame(whole.slice(0, 6))).toThrow("longer than the frame");
    expect(() => decodeFrame(new ArrayBuffer(2))).toThrow("at least 4 bytes");
  });
});

describe("the maps of a frame", () => {
  it("are told by the units that it names, each with its range", () => {
    const header = {
      ...MAP,
      dtype: "u8",
      shape: [2, 1, 2],
      units: [7, 3],
      range: [
        [-2, 2],
        [-8, 8],
      ],
    } as const;
    const tiles = tilesOf(decodeFrame(encoded(header as unknown as FrameHeader, Uint8Array.of(1, 128, 255, 0))));
    expect([...tiles.keys()]).toEqual([7, 3]);
    const [seven, three] = [tiles.get(7), tiles.get(3)];
    if (!seven || !three) throw new Error("Both units should be there.");
    expect([valueAt(seven, 0, 0), valueAt(seven, 0, 1)]).toEqual([-2, 0]);
    expect([valueAt(three, 0, 0), valueAt(three, 0, 1)]).toEqual([8, Number.NaN]);
  });
  it("are single pixels with their exact value in a dense node", () => {
    const header = {
      ...MAP,
      axes: ["unit"],
      dtype: "f32",
      shape: [2],
      range: [
        [0, 0.1],
        [-0.3, 0],
      ],
    } as const;
    const data = new Uint8Array(Float32Array.of(0.1, -0.3).buffer);
    const tile = tilesOf(decodeFrame(encoded(header as unknown as FrameHeader, data))).get(1);
    expect(tile && valueAt(tile, 0, 0)).toBe(Math.fround(-0.3));
    expect(tile && valueOfByte(tile.bytes[0] ?? 0, ...tile.own)).toBeCloseTo(-0.3, 6);
  });
  it("are not those of a picture", () => {
    const header = { ...MAP, kind: "picture", dtype: "u8", shape: [1] } as const;
    expect(() => tilesOf(decodeFrame(encoded(header as unknown as FrameHeader, Uint8Array.of(1))))).toThrow("no maps");
  });
});
