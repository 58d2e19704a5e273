import { expect, it } from "vitest";
import { known, NOTHING, remember } from "./memory";

const ask = (unit: number) => ({ method: "arithmetic", model: "m", image: "i", params: { unit } });

it("knows what was answered, and lets go of the oldest", () => {
  remember(ask(0), { ...NOTHING, answer: "first" });
  expect(known(ask(0))?.answer).toBe("first");
  for (let unit = 1; unit <= 96; unit += 1) remember(ask(unit), NOTHING);
  expect(known(ask(0))).toBeUndefined();
  expect(known(ask(96))).toBe(NOTHING);
});
