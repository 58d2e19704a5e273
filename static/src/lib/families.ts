/** The networks in groups, as the chooser shows them: families by age, in each the smallest first. */

interface Member {
  family: string;
  year: number;
}

export function byFamily<Card extends Member>(cards: readonly Card[]): [family: string, members: Card[]][] {
  const families = new Map<string, Card[]>();
  for (const card of cards) {
    families.set(card.family, [...(families.get(card.family) ?? []), card]);
  }
  const age = (members: Card[]): number => Math.min(...members.map(({ year }) => year));
  return [...families].sort(([, one], [, other]) => age(one) - age(other));
}
