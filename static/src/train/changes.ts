/** What was changed while a run learned, in words. */

import { t } from "../lib/texts";
import { marked } from "../panel/numbers";
import type { Change } from "./types";

const written = (value: unknown): string =>
  value === null || value === undefined
    ? "–"
    : typeof value === "object"
      ? JSON.stringify(value)
      : marked(String(value));

export function told({ step, field, from, to }: Change): string {
  return t("train.change", { step, field: t(`word.${field}`), from: written(from), to: written(to) });
}
