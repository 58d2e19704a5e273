/** Curves over a run's steps: their scales, their ticks, and paths that cost no more the longer a run is. */

/** Something measured at some of the steps, in their order. */
export interface Series {
  readonly at: readonly number[];
  readonly values: readonly number[];
}

export interface Axis {
  readonly low: number;
  readonly high: number;
  readonly ticks: readonly number[];
  /** Where a value lies, 0 at the low end and 1 at the high end. */
  share: (value: number) => number;
}

const DIGITS = [1, 2, 5, 10];

/** Round numbers from at most `low` to at least `high`, about so many of them. */
export function linearAxis(low: number, high: number, about = 4): Axis {
  const span = high > low ? high - low : Math.abs(low) || 1;
  const power = 10 ** Math.floor(Math.log10(span / about));
  const step = power * (DIGITS.find((digit) => digit * power >= span / about) ?? 10);
  const [first, last] = [Math.floor(low / step + 1e-9), Math.ceil((high > low ? high : low + span) / step - 1e-9)];
  const ticks = Array.from({ length: last - first + 1 }, (_, index) =>
    Number(((first + index) * step).toPrecision(12)),
  );
  const [bottom, top] = [first * step, last * step];
  return { low: bottom, high: top, ticks, share: (value) => (value - bottom) / (top - bottom) };
}

/** Steps along the page: the last of them ends the axis, round or not. */
export function stepAxis(last: number, about = 5): Axis {
  const high = Math.max(last, 1);
  const { ticks } = linearAxis(0, high, about);
  return {
    low: 0,
    high,
    ticks: ticks.filter((tick) => tick <= high && Number.isInteger(tick)),
    share: (at) => at / high,
  };
}

/** Powers of ten around positive values, which many a loss needs to be seen at its end. */
export function logarithmicAxis(low: number, high: number): Axis {
  const floor = Math.max(low, 1e-9);
  const [first, last] = [Math.floor(Math.log10(floor)), Math.ceil(Math.log10(Math.max(high, floor * 1.01)))];
  const ticks = Array.from({ length: last - first + 1 }, (_, index) => Number((10 ** (first + index)).toPrecision(6)));
  return {
    low: 10 ** first,
    high: 10 ** last,
    ticks,
    share: (value) => (Math.log10(Math.max(value, 10 ** first)) - first) / Math.max(last - first, 1),
  };
}

/** The least and the greatest finite value of several series; null where there is none. */
export function extentOf(series: readonly Series[]): [low: number, high: number] | null {
  let [low, high] = [Infinity, -Infinity];
  for (const { values } of series)
    for (const value of values) {
      if (!Number.isFinite(value)) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  return low <= high ? [low, high] : null;
}

const rounded = (pixels: number): string => String(Math.round(pixels * 10) / 10);

/**
 * A line through a series. Of the values in one column of pixels the first, least, greatest and last are drawn: what the
 * eye would see of all of them. A value that is not finite breaks the line.
 */
export function path(series: Series, x: Axis, y: Axis, width: number, height: number): string {
  const drawn: string[] = [];
  let pen = "M";
  const draw = (index: number): void => {
    const value = series.values[index] ?? Number.NaN;
    if (!Number.isFinite(value)) {
      pen = "M";
      return;
    }
    drawn.push(`${pen}${rounded(x.share(series.at[index] ?? 0) * width)} ${rounded((1 - y.share(value)) * height)}`);
    pen = "L";
  };
  for (const column of columns(series, x, width)) for (const index of column) draw(index);
  return drawn.join("");
}

/** The numbers of the values that are drawn, column of pixels by column. */
function* columns({ at, values }: Series, x: Axis, width: number): Generator<number[]> {
  const columnOf = (index: number): number => Math.floor(x.share(at[index] ?? 0) * width);
  let start = 0;
  while (start < at.length) {
    const column = columnOf(start);
    let [end, least, greatest] = [start, start, start];
    while (end < at.length && columnOf(end) === column) {
      const value = values[end] ?? Number.NaN;
      // A gap is kept as one: nothing compares with what is not finite.
      if (!Number.isFinite(value) || value < (values[least] ?? 0)) least = end;
      if (value > (values[greatest] ?? 0)) greatest = end;
      end += 1;
    }
    yield [...new Set([start, least, greatest, end - 1])].sort((a, b) => a - b);
    start = end;
  }
}

/** The number of the value that was measured last at or before a step; −1 where there is none. */
export function indexAt(at: readonly number[], step: number): number {
  let [low, high] = [0, at.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((at[middle] ?? 0) <= step) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
