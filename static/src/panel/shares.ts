/** The classes of an answer with their numbers: logits, their exponentials, and the shares of those. */

export interface Share {
  index: number;
  logit: number;
  exp: number;
  probability: number;
}

export interface Softmax {
  maximum: number | null;
  sum: number | null;
  exps: readonly (number | null)[];
}

/** All classes, likeliest first, equals by number; what is not finite comes last. */
export function shares(logits: ArrayLike<number>, { sum, exps }: Softmax): Share[] {
  const all = Array.from(logits, (logit, index) => {
    const exp = exps[index] ?? Number.NaN;
    return { index, logit, exp, probability: exp / (sum ?? Number.NaN) };
  });
  const rank = ({ logit }: Share): number => (Number.isNaN(logit) ? Number.NEGATIVE_INFINITY : logit);
  return all.sort((a, b) => (rank(a) === rank(b) ? a.index - b.index : rank(b) - rank(a)));
}
