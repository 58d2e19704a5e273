import { expect, test } from "vitest";
import { bmp } from "./bmp";

test("three columns and two rows, as the format's description has them", () => {
  const data = new Uint8ClampedArray([
    1, 2, 3, 255, 4, 5, 6, 255, 7, 8, 9, 255, 10, 11, 12, 255, 13, 14, 15, 255, 16, 17, 18, 255,
  ]);
  const file = bmp({ width: 3, height: 2, data });
  const view = new DataView(file.buffer);
  expect(String.fromCharCode(...file.slice(0, 2))).toBe("BM");
  expect([view.getUint32(2, true), view.getUint32(10, true), view.getInt32(18, true), view.getInt32(22, true)]).toEqual(
    [54 + 24, 54, 3, -2],
  );
  // Blue, green, red; each row filled up to a multiple of four bytes.
  expect([...file.slice(54)]).toEqual([
    3, 2, 1, 6, 5, 4, 9, 8, 7, 0, 0, 0, 12, 11, 10, 15, 14, 13, 18, 17, 16, 0, 0, 0,
  ]);
});
