import { expect, it } from "vitest";
import { chart, map } from "./svg";

const palette = { ink: "#111", paper: "#fff", mark: "#1f5fd0" };

it("draws a chart with its title and numbers, safe from what they hold", () => {
  const drawn = chart(
    { title: "a < b & c", width: 100, height: 40, marks: `<rect width="5" height="5"/>`, below: ["−1", "1"] },
    palette,
  );
  expect(drawn).toContain("a &lt; b &amp; c");
  expect(drawn).toContain(">−1</text>");
  expect(drawn.match(/<svg[^>]*>/)?.[0]).toContain('width="124" height="112"');
});

it("enlarges a map by whole pixels and tells its scale", () => {
  const picture = { address: "data:image/png;base64,AA==", rows: 26, columns: 26 };
  const drawn = map("conv", picture, { colours: ["rgb(0 0 0)", "rgb(9 9 9)"], low: "−1", high: "1" }, palette);
  expect(drawn).toContain('width="390" height="390"');
  expect(drawn).toContain('<stop offset="1" stop-color="rgb(9 9 9)"/>');
  expect(map("picture", picture, null, palette)).not.toContain("linearGradient");
});
