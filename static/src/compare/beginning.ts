/** What is compared where the address leaves something open: two pictures in one network that knows both. */

import { fitting } from "../lib/samples";
import type { FirstData } from "../models/first";
import type { Comparison } from "./address";

export function beginning(asked: Comparison, first: FirstData): Comparison {
  const [one, other] = asked.halves;
  const same = one.model === null || other.model === null ? "model" : asked.same;
  const model = one.model ?? first.default_model;
  const samples = fitting(first.samples, model);
  const image = one.image ?? samples[0]?.image ?? null;
  const second = samples.find((sample) => sample.image !== image)?.image ?? image;
  return {
    ...asked,
    same,
    halves: [
      { ...one, model, image },
      { ...other, model: other.model ?? model, image: other.image ?? (same === "image" ? image : second) },
    ],
  };
}
