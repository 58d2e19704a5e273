import { expect, test } from "vitest";
import { parseFraming } from "../lib/framing";
import { moved, partOf, placing, resized, scaled, usualPart, written, type Part, type Size } from "./crop";

const SIZES: Size[] = [
  { width: 640, height: 480 },
  { width: 300, height: 200 },
  { width: 101, height: 4001 },
  { width: 1, height: 1 },
];
const CARD = { resize: 256, crop: 224 };

function inside({ left, top, side }: Part, { width, height }: Size): boolean {
  return left >= -1e-9 && top >= -1e-9 && left + side <= width + 1e-9 && top + side <= height + 1e-9 && side > 0;
}

test("the usual part is the middle, in the card's proportion", () => {
  expect(usualPart({ width: 640, height: 512 }, CARD)).toEqual({ left: 96, top: 32, side: 448 });
});

test("whatever is done to it, it stays inside, and so does what is written", () => {
  for (const size of SIZES) {
    let part = usualPart(size, CARD);
    for (let step = 0; step < 200; step += 1) {
      const [x, y] = [((step * 7919) % 700) - 30, ((step * 104729) % 4100) - 30];
      if (step % 3 === 0) part = moved(part, x - 300, y - 300, size);
      else if (step % 3 === 1) part = resized(part, { right: step % 2 === 0, bottom: step % 4 < 2 }, x, y, size);
      else part = scaled(part, step % 2 ? 1.3 : 0.8, size);
      expect(inside(part, size)).toBe(true);
      const text = written(part, size);
      expect(parseFraming(text)).toBe(text);
      const [left = 0, top = 0, share = 0] = text.split(",").map(Number);
      const side = share * Math.min(size.width, size.height);
      expect(left * size.width + side).toBeLessThanOrEqual(size.width + 0.5);
      expect(top * size.height + side).toBeLessThanOrEqual(size.height + 0.5);
    }
  }
});

test("a corner moves, the opposite one stays", () => {
  const part = { left: 100, top: 100, side: 100 };
  const size = { width: 640, height: 480 };
  expect(resized(part, { right: true, bottom: true }, 260, 220, size)).toEqual({ left: 100, top: 100, side: 160 });
  expect(resized(part, { right: false, bottom: false }, 50, 90, size)).toEqual({ left: 50, top: 50, side: 150 });
  expect(resized(part, { right: false, bottom: false }, -500, 0, size).side).toBe(200);
});

test("what is written is read as the same square", () => {
  const size = { width: 640, height: 480 };
  const part = { left: 64, top: 48, side: 240 };
  expect(written(part, size)).toBe("0.1,0.1,0.5");
  expect(partOf("0.1,0.1,0.5", size, CARD)).toEqual(part);
  expect(partOf(null, size, CARD)).toEqual(usualPart(size, CARD));
});

test("what is no framing is none", () => {
  for (const text of ["", "crop", "1,2", "2,0,1", "0,0,0", "a,b,c", "0,0,1,0", "-0.1,0,1"]) {
    expect(parseFraming(text)).toBeUndefined();
  }
  expect(parseFraming("letterbox")).toBe("letterbox");
});

test("a place of the picture is found where the network sees it, however it is framed", () => {
  const size = { width: 640, height: 320 };
  const at = (framing: string | null, x: number, y: number): [number, number] => {
    const { a, d, e, f } = placing(framing, size, { resize: 100, crop: 100 });
    return [a * x + e, d * y + f];
  };
  expect(at(null, 320, 160)).toEqual([50, 50]);
  expect(at(null, 160, 0)).toEqual([0, 0]);
  expect(at("stretch", 640, 320)).toEqual([100, 100]);
  expect(at("letterbox", 0, 0)).toEqual([0, 25]);
  expect(at("0.5,0,1", 320, 320)).toEqual([0, 100]);
});
