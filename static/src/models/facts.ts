/** What the cards say, as the page lists it. */

import type { Accuracy, CardSummary } from "../lib/types";
import type { Outline } from "./outline";

export type Claim = "measured" | "published" | "reported";

/** The best founded accuracy of a card: measured here, else told with the published weights, else in the paper. */
export function accuracyOf(card: CardSummary): { accuracy: Accuracy; claim: Claim } | null {
  if (card.training) return { accuracy: card.training.measured, claim: "measured" };
  if (card.published) return { accuracy: card.published.accuracy, claim: "published" };
  return card.reported ? { accuracy: card.reported, claim: "reported" } : null;
}

/** The data set that an accuracy was told of, without its size. */
export const testOf = (accuracy: Accuracy): string => (/^ImageNet/.test(accuracy.on) ? "ImageNet" : accuracy.on);

export type Order = "year" | "accuracy" | "parameters" | "macs";
export const ORDERS: readonly Order[] = ["year", "accuracy", "parameters", "macs"];

/** The cards in an order; what is not known comes last, what is equal keeps its place. */
export function ordered<Card extends CardSummary>(
  cards: readonly Card[],
  outlines: Readonly<Record<string, Outline>>,
  order: Order,
): Card[] {
  const key = (card: Card): number => {
    if (order === "year") return card.year;
    if (order === "parameters") return card.parameters;
    if (order === "macs") return outlines[card.id]?.macs ?? Infinity;
    return -(accuracyOf(card)?.accuracy.top1 ?? -Infinity);
  };
  return [...cards].sort((one, other) => key(one) - key(other));
}
