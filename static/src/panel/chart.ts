/** Small charts as SVG paths: a curve that grows, and a histogram. */

const number = (pixels: number): string => String(Math.round(pixels * 100) / 100);

/** The least and the greatest finite value; 0 and 1 where there is none. */
export function extent(values: readonly number[]): [low: number, high: number] {
  const finite = values.filter(Number.isFinite);
  return finite.length ? [Math.min(...finite), Math.max(...finite)] : [0, 1];
}

/** A line through values measured at some of the steps 0…`steps`; a flat curve runs in the middle. */
export function curve(
  values: readonly number[],
  at: readonly number[],
  steps: number,
  width: number,
  height: number,
): string {
  const [low, high] = extent(values);
  return values
    .map((value, index) => {
      const share = high === low ? 0.5 : (value - low) / (high - low);
      const x = ((at[index] ?? index) / Math.max(steps, 1)) * width;
      return `${index ? "L" : "M"}${number(x)} ${number(height * (1 - share))}`;
    })
    .join("");
}

export interface Bar {
  x: number;
  width: number;
  y: number;
  height: number;
  low: number;
  high: number;
  count: number;
}

/**
 * The bars of a histogram. Heights go with the square root of the counts, so that the rare large values beside the
 * many near zero can be seen; a bin with anything in it is at least one pixel high. Values that are all the same are one bar.
 */
export function bars(edges: readonly number[], counts: readonly number[], width: number, height: number): Bar[] {
  const greatest = Math.max(...counts, 1);
  const [low, high] = [edges[0] ?? 0, edges.at(-1) ?? 1];
  if (low === high) return [{ x: 0, width, y: 0, height, low, high, count: counts[0] ?? 0 }];
  const scale = width / (high - low);
  return counts.map((count, index) => {
    const [from, to] = [edges[index] ?? low, edges[index + 1] ?? high];
    const tall = count ? Math.max(Math.sqrt(count / greatest) * height, 1) : 0;
    return {
      x: (from - low) * scale,
      width: (to - from) * scale,
      y: height - tall,
      height: tall,
      low: from,
      high: to,
      count,
    };
  });
}
