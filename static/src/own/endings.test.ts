import { expect, test } from "vitest";
import { holdsNetwork } from "./endings";

test("a network is known by the ending of its name, a picture is none", () => {
  for (const name of ["net.onnx", "VGG16.PTH", "a.b.safetensors", "last.pt"]) expect(holdsNetwork(name)).toBe(true);
  for (const name of ["onnx", "cat.png", "net.onnx.jpg", "pt.webp", ""]) expect(holdsNetwork(name)).toBe(false);
});
