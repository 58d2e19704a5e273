import { expect, it } from "vitest";
import { cut } from "./patch";

it("cuts a box out, grey where nothing goes back, and as bright as it is strong", () => {
  // Two channels of 2 × 3; the second stands for the third colour too.
  const data = Uint8Array.from([128, 129, 130, 128, 128, 124, 128, 128, 0, 128, 132, 128]);
  const back = { shape: [2, 2, 3], axes: ["channel", "row", "column"], kind: "attribution", step: 1, data } as const;
  const picture = cut(back, { top: 0, left: 1, bottom: 1, right: 2 });
  expect(picture).toMatchObject({ shape: [2, 2, 3], kind: "picture" });
  expect([...picture.data]).toEqual([0.625, 0.5, 0.5, 0.75, 0.5, 0.5, 0.5, 1, 1, 0, 0.5, 0.5]);
});
