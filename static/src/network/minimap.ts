/** The small picture of the whole network: a bar for each layer, as high as its maps have rows, by the logarithm. */

import type { Layout } from "./layout";

/** Height of the bars' box, in CSS pixels. */
export const HEIGHT = 28;
const LEAST = 2;

/** One path of all bars, in the layout's own lengths across. */
export function bars({ columns, columnPitch }: Layout): string {
  const sides = columns.map(({ item }) => item.node.shape[1] ?? 1);
  const highest = Math.log2(Math.max(2, ...sides) + 1);
  const width = columnPitch * 0.7;
  return columns
    .map(({ item, header }, index) => {
      const lanes = Math.max(item.lanes.length, 1);
      const height = Math.max((Math.log2((sides[index] ?? 1) + 1) / highest) * (HEIGHT / lanes - 1), LEAST);
      const bottom = HEIGHT - (HEIGHT / lanes) * (lanes - 1 - item.lane);
      return `M${(header.x - width / 2).toFixed(1)} ${bottom.toFixed(1)}h${width.toFixed(1)}v${(-height).toFixed(1)}h${(-width).toFixed(1)}z`;
    })
    .join("");
}
