/** Networks that people bring: sent, said otherwise of, deleted. */

import { request, ROOT, send, type Sent } from "../lib/api";
import type { Card, CardSummary } from "../lib/types";

/** What a person says of a network, as it is written; an empty text says nothing. */
export interface Wishes {
  title: string;
  size: string;
  resize: string;
  interpolation: string;
  mean: string;
  std: string;
  classes: string;
}

export const NOTHING: Wishes = { title: "", size: "", resize: "", interpolation: "", mean: "", std: "", classes: "" };

/** Whether a file holds weights alone, for one of the listed architectures. */
export const holdsWeights = (name: string): boolean => !name.toLowerCase().endsWith(".onnx");

/** Usual ways to prepare pixels of 0…1: the mean that is subtracted, and the deviation that they are divided by. */
export const USUAL: Readonly<Record<string, { mean: string; std: string }>> = {
  imagenet: { mean: "0.485, 0.456, 0.406", std: "0.229, 0.224, 0.225" },
  plain: { mean: "0", std: "1" },
  symmetric: { mean: "0.5", std: "0.5" },
  bytes: { mean: "0", std: "0.00392156862745098" },
};

/** What a card says already. */
export function wishesOf(card: Card): Wishes {
  const { resize, crop, interpolation, mean, std } = card.preprocessing;
  return {
    title: card.title,
    size: String(crop),
    resize: String(resize),
    interpolation,
    mean: mean.join(", "),
    std: std.join(", "),
    classes: card.classes.join("\n"),
  };
}

/** What is said, without what is left open. */
const said = (wishes: Partial<Wishes>): [string, string][] =>
  Object.entries(wishes).filter(([, text]) => text.trim() !== "");

/** Sends a network and what is said of it. */
export function bring(
  file: File,
  wishes: Partial<Wishes> & { architecture: string },
  signal: AbortSignal,
  sent: Sent,
): Promise<Card> {
  const form = new FormData();
  for (const [name, text] of said(wishes)) form.append(name, text);
  form.append("file", file, file.name);
  return send("/models", form, signal, sent);
}

const addressOf = (id: string): string => `${ROOT}/models/${encodeURIComponent(id)}`;

/** Says otherwise of a network that is there. */
export async function change(id: string, wishes: Wishes): Promise<Card> {
  const response = await request(addressOf(id), {
    method: "PATCH",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(Object.fromEntries(said({ ...wishes }))),
  });
  return (await response.json()) as Card;
}

export async function remove(id: string): Promise<void> {
  await request(addressOf(id), { method: "DELETE" });
}

/** The architectures that weights may be for. */
export const architectures = (cards: readonly CardSummary[]): CardSummary[] =>
  cards.filter(({ weights }) => weights !== "own");
