/**
 * The tour as data: what each step shows, what it points at, and when what it asks for has been done.
 *
 * Its texts are `tour.<id>.title`, `.text` and `.do`.
 */

import type { View } from "../lib/view";

/** A property that has come to have any value, or another one than at the beginning of the step. */
export type Wish = "any" | "other";

export interface Step {
  id: string;
  /** What of the view the step sets; the rest stays. */
  view: Partial<View>;
  /** The element that it points at. */
  target: string;
  /** What else the card must not cover, with the target in it. */
  clear?: string;
  /** Where it is done, if not at the target. */
  doneAt?: string;
  /** Done when the view is like this, or when something within the target was pressed. */
  done: "press" | { readonly [Name in keyof View]?: View[Name] | Wish };
}

/** The network that the tour is about: small, and shipped with its weights. */
export const MODEL = "tiny_vgg";

const UNIT = 3;
const tile = (node: string, unit: number): string => `[role="gridcell"][data-node="${node}"][data-unit="${unit}"]`;

export const STEPS: readonly Step[] = [
  {
    id: "picture",
    view: { node: null },
    target: '.input[data-node="input"]',
    done: { node: "input" },
  },
  {
    id: "kernel",
    view: { node: "conv_1_1", unit: UNIT, at: null },
    target: "[data-kernels]",
    done: "press",
  },
  {
    id: "map",
    view: { node: "conv_1_1", unit: UNIT, at: null },
    target: "[data-map]",
    clear: ".pair",
    done: { at: "any" },
  },
  {
    id: "relu",
    view: { node: null },
    target: tile("relu_1_1", UNIT),
    done: { node: "relu_1_1" },
  },
  {
    id: "pooling",
    view: { node: null },
    target: tile("max_pool_1", UNIT),
    done: { node: "max_pool_1" },
  },
  {
    id: "field",
    view: { node: "conv_2_2", unit: UNIT, at: [10, 12] },
    target: ".pair",
    doneAt: "[data-map]",
    done: { at: "other" },
  },
  {
    id: "deeper",
    view: { node: "relu_2_2", unit: null },
    target: ".panel .wall",
    doneAt: '.panel [role="gridcell"][tabindex="0"]',
    done: { unit: "any" },
  },
  {
    id: "response",
    view: { node: "relu_2_2", unit: UNIT, at: null },
    target: "[data-response]",
    done: "press",
  },
  {
    id: "answer",
    view: { node: null },
    target: ".classes",
    doneAt: '[data-sample][aria-pressed="false"]',
    done: { image: "other" },
  },
];

/** Whether what a step points at is not there to be seen, as where a link names nothing but the step. */
export function strays({ view }: Step, { model, node, unit }: View): boolean {
  return (
    model !== MODEL ||
    ((view.node ?? null) !== null && node === null) ||
    ((view.unit ?? null) !== null && unit === null)
  );
}

/** Whether a view is as a step wants it. */
export function isDone({ done }: Step, view: View, before: View): boolean {
  if (done === "press") return false;
  return Object.entries(done).every(([key, wish]) => {
    const name = key as keyof View;
    if (wish === "any") return view[name] !== null;
    if (wish === "other") return view[name] !== null && String(view[name]) !== String(before[name]);
    return view[name] === wish;
  });
}
