import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";
import { curl, python } from "./reproduce";

const ask = {
  method: "arithmetic",
  model: "it's",
  image: "ab12",
  params: { node: "conv_2_2", unit: 3, effective: true, preset: null, units: [1, 2] },
};

it("writes a curl line whose body a shell hands over unharmed", () => {
  const line = curl("http://127.0.0.1:8000", ask, true);
  // `set --` splits the line as a shell does; the word behind --data is the body.
  const words = execFileSync("sh", ["-c", `set -- ${line}; for word; do printf '%s\\n' "$word"; done`], {
    encoding: "utf8",
  }).split("\n");
  expect(JSON.parse(words[words.indexOf("--data") + 1] ?? "")).toEqual(ask);
  expect(words).toContain("http://127.0.0.1:8000/api/v1/ask");
});

it("writes Python literals", () => {
  expect(python("http://127.0.0.1:8000", ask, true)).toContain(
    'ask = {"method": "arithmetic", "model": "it\'s", "image": "ab12", "params": {"node": "conv_2_2", "unit": 3, ' +
      '"effective": True, "preset": None, "units": [1, 2]}}',
  );
});

it("leaves out a picture that the method does not look at", () => {
  expect(curl("", { ...ask, image: null }, true)).not.toContain("image");
});

it("asks for the values where there are no arrays", () => {
  expect(curl("", ask, false)).toContain("--output arithmetic.json");
  expect(python("", ask, false)).not.toContain("numpy");
});

it("keeps whatever else is asked", () => {
  expect(curl("", { ...ask, framing: { fit: "stretch" } } as typeof ask, true)).toContain(
    '"framing":{"fit":"stretch"}',
  );
});
