/** A cut in words. */

import { read, type Edit } from "../lib/cuts";
import { t } from "../lib/texts";
import { value } from "../panel/numbers";

export function named(cut: string): string {
  const edit = read(cut);
  return edit ? wordsOf(edit) : cut;
}

function wordsOf({ node, unit, kind, value: number, channel = 0, row = 0, column = 0 }: Edit): string {
  const about = { node, unit, value: value(number, number, 3), channel, row, column };
  if (kind === "kernel") return t("surgery.kernel", about);
  if (kind === "paint") return t("surgery.painted", about);
  return number === 0 ? t("surgery.out", about) : t("surgery.scaled", about);
}
