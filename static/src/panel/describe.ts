/** What a node does, in one line. */

import { hasText, t } from "../lib/texts";
import type { Node } from "../lib/types";
import { count, shape, step } from "./numbers";

const pair = (value: unknown): number[] => (Array.isArray(value) ? value.map(Number) : [Number(value), Number(value)]);

const sides = (value: unknown): string => pair(value).map(step).join(" × ");

/** The operation with its window and what it reads: "convolution 3 × 3 over 10 maps". */
export function operation(node: Node): string {
  const { kernel_size, groups, in_channels, in_features } = node.details;
  const key = `panel.operation.${node.operation}`;
  const grouped = Number(groups ?? 1) > 1 && hasText(`${key}.groups`);
  if (!hasText(key)) return node.operation.replaceAll("_", " ");
  return t(grouped ? `${key}.groups` : key, {
    kernel: kernel_size === undefined ? "" : sides(kernel_size),
    inputs: count(Number(in_channels ?? in_features ?? 0) / Number(groups ?? 1)),
    groups: Number(groups ?? 1),
  });
}

function stride(node: Node): string | null {
  const given = node.details["stride"];
  return given === undefined || pair(given).every((side) => side === 1)
    ? null
    : t("panel.stride", { stride: sides(given) });
}

/** What it sees of the picture. */
export function sight(node: Node): string {
  const { whole, size, step: steps } = node.receptive_field;
  if (whole) return t("panel.sees.whole");
  const [rows = 1, columns = 1] = steps;
  const apart = rows === columns ? step(rows) : `${step(rows)} × ${step(columns)}`;
  return t("panel.sees", { size: shape(size), step: apart });
}

/** The line under a unit's name: what it does, how large its map is, what it sees. */
export function summary(node: Node): string {
  const map = node.shape.length === 3 ? t("panel.output", { shape: shape(node.shape.slice(1)) }) : null;
  return [operation(node), stride(node), map, sight(node)].filter(Boolean).join(" · ");
}

/** Whether a node's units are maps, and not single numbers. */
export const spatial = (node: Node): boolean => node.shape.length === 3;

/** Whether the channels of the first node are the colours of a picture. */
export const coloured = (node: Node): boolean => node.inputs.length === 0 && node.shape[0] === 3;

const COLOURS = ["red", "green", "blue"];

/** What a unit is called: by its number, of the input by its colour, of the last layer by its class. */
export function unitName(node: Node, unit: number, classes: readonly string[] = []): string {
  if (coloured(node)) return t(`panel.colour.${COLOURS[unit] ?? "red"}`);
  const label = classes[unit];
  return label ? t("panel.class", { unit, label }) : t("panel.unit", { unit });
}
