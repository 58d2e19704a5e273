/** The value from which a map is drawn. */

/** The least finite value where all are above zero, as in a mean of probabilities; else zero. */
export function floorOf(values: ArrayLike<number>): number {
  let least = Number.POSITIVE_INFINITY;
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index] ?? Number.NaN;
    if (value < least) least = value;
  }
  return Number.isFinite(least) ? Math.max(least, 0) : 0;
}
