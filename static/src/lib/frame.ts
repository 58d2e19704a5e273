/** Reads the binary frame: a length, JSON, zeros up to a multiple of 8 bytes, the array in C order. */

import type { DataType, Frame, FrameHeader } from "./types";

const BYTES: Record<DataType, number> = { u8: 1, f16: 2, f32: 4 };

/** A 16-bit float of these bits. */
function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** Throws where the bytes are no frame. The array is a view of the bytes where its type allows. */
export function decodeFrame(buffer: ArrayBuffer): Frame {
  if (buffer.byteLength < 4) throw new Error(`A frame has at least 4 bytes; this one has ${buffer.byteLength}.`);
  const length = new DataView(buffer).getUint32(0, true);
  if (4 + length > buffer.byteLength) throw new Error("The frame's header is longer than the frame.");
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length))) as FrameHeader;
  const start = Math.ceil((4 + length) / 8) * 8;
  const values = header.shape.reduce((product, side) => product * side, 1);
  const expected = start + values * BYTES[header.dtype];
  if (expected !== buffer.byteLength) {
    throw new Error(
      `The frame should have ${expected} bytes for ${header.shape.join(" × ")}; it has ${buffer.byteLength}.`,
    );
  }
  if (header.dtype === "u8") return { header, data: new Uint8Array(buffer, start, values) };
  if (header.dtype === "f32") return { header, data: new Float32Array(buffer, start, values) };
  return { header, data: Float32Array.from(new Uint16Array(buffer, start, values), half) };
}

/** The range of one unit of a frame. */
export function rangeOf(header: FrameHeader, index: number): [low: number, high: number] {
  const [first] = header.range;
  if (Array.isArray(first)) return (header.range as [number, number][])[index] ?? [0, 0];
  return header.range as [number, number];
}

/** The value that a byte of a `u8` array means; NaN where it was not finite. */
export function valueOfByte(byte: number, low: number, high: number): number {
  return byte === 0 ? Number.NaN : low + ((byte - 1) / 254) * (high - low);
}

/** Whether a kind's values lie on both sides of zero. */
export function diverges(kind: string): boolean {
  return kind === "signed" || kind === "weight" || kind === "attribution";
}
