import { expect, test } from "vitest";
import { refusalOf } from "./camera";

test("every way in which there is no camera has its sentence", () => {
  const told = (name: string): string => refusalOf(new DOMException("", name));
  expect(["NotAllowedError", "NotFoundError", "NotReadableError", "TypeError"].map(told)).toEqual([
    "denied",
    "none",
    "busy",
    "failed",
  ]);
  expect(refusalOf(new Error())).toBe("failed");
});
