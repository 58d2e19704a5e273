/** The value from which a map is drawn. */

/** Share of the largest value below which a least one counts as zero. */
const NEGLIGIBLE = 0.05;

/** The least finite value where all are well above zero, as in a mean of probabilities; else zero. */
export function floorOf(values: ArrayLike<number>): number {
  let [least, most] = [Infinity, -Infinity];
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index] ?? Number.NaN;
    if (value < least) least = value;
    if (value > most) most = value;
  }
  return Number.isFinite(most) && least > NEGLIGIBLE * most ? Math.max(least, 0) : 0;
}
