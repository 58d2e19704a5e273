/**
 * Surgery on the network: what is changed in it, for whoever looks at this view and nobody else.
 *
 * Each cut is written as it stands in the address: layer*unit*what*numbers, as in `relu_1_1*3*scale*0`.
 */

import type { Values } from "./types";

export interface Edit {
  node: string;
  unit: number;
  kind: "scale" | "paint" | "kernel";
  value: number;
  channel?: number;
  row?: number;
  column?: number;
  radius?: number;
}

/** Which numbers follow the kind. */
const NUMBERS = {
  scale: ["value"],
  paint: ["value", "row", "column", "radius"],
  kernel: ["value", "channel", "row", "column"],
} as const;

export const written = (edit: Edit): string =>
  [edit.node, edit.unit, edit.kind, ...NUMBERS[edit.kind].map((name) => edit[name] ?? 0)].join("*");

/** What was written; null where it cannot be read. */
export function read(cut: string): Edit | null {
  const [node = "", unit = "", kind = "", ...numbers] = cut.split("*");
  if (!(kind in NUMBERS) || !/^\d{1,6}$/.test(unit) || numbers.some((number) => number === "" || isNaN(+number)))
    return null;
  const names = NUMBERS[kind as Edit["kind"]];
  if (!node || numbers.length !== names.length) return null;
  const given = Object.fromEntries(names.map((name, index) => [name, Number(numbers[index])])) as unknown as Edit;
  return { ...given, node, unit: Number(unit), kind: kind as Edit["kind"] };
}

/** The cuts as the server is asked for them. */
export const edits = (cuts: readonly string[]): Values[] =>
  cuts.map(read).filter((edit) => edit !== null) as unknown as Values[];

/** Of one place there is one cut: another takes its place. Units are scaled, and numbers of kernels changed, in one place each. */
function place({ node, unit, kind, channel, row, column }: Edit): string {
  return kind === "scale" ? [node, unit, kind].join() : [node, unit, kind, channel, row, column].join();
}

/** The cuts with one more, in place of what was there. */
export function cutWith(cuts: readonly string[], edit: Edit): string[] {
  return [...cutWithout(cuts, edit), written(edit)];
}

/** The cuts without what is at an edit's place. */
export function cutWithout(cuts: readonly string[], edit: Edit): string[] {
  return cuts.filter((cut) => {
    const known = read(cut);
    return known === null || place(known) !== place(edit);
  });
}

/** By what a unit is scaled; 1 where it is as it was. */
export const scaleOf = (cuts: readonly string[], node: string, unit: number): number =>
  cuts.map(read).find((edit) => edit?.kind === "scale" && edit.node === node && edit.unit === unit)?.value ?? 1;
