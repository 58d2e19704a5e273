/** Where the tour's card stands: beside what it points at, never over it. */

export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

const GAP = 16;
const MARGIN = 12;

/** The box of an element, or of what is in it where it has none of its own; null where nothing can be seen. */
export function boxOf(element: Element | null): Box | null {
  const own = element?.getBoundingClientRect();
  const parts =
    own && own.width * own.height > 0
      ? [own]
      : [...(element?.children ?? [])].map((part) => part.getBoundingClientRect());
  const seen = parts.filter(({ width, height }) => width * height > 0);
  if (seen.length === 0) return null;
  return {
    left: Math.min(...seen.map(({ left }) => left)),
    top: Math.min(...seen.map(({ top }) => top)),
    right: Math.max(...seen.map(({ right }) => right)),
    bottom: Math.max(...seen.map(({ bottom }) => bottom)),
  };
}

function overlap(a: Box, b: Box): number {
  const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  return Math.max(width, 0) * Math.max(height, 0);
}

const within = (at: number, size: number, room: number): number => Math.max(Math.min(at, room - size - MARGIN), MARGIN);

/** The upper left corner of a card in a window: the first place beside the target that covers least of it. */
export function beside(
  target: Box,
  card: { width: number; height: number },
  window: { width: number; height: number },
): { x: number; y: number } {
  const { width, height } = card;
  const middleY = (target.top + target.bottom - height) / 2;
  const middleX = (target.left + target.right - width) / 2;
  const places = [
    { x: target.right + GAP, y: middleY },
    { x: target.left - GAP - width, y: middleY },
    { x: middleX, y: target.bottom + GAP },
    { x: middleX, y: target.top - GAP - height },
    { x: MARGIN, y: MARGIN },
    { x: MARGIN, y: window.height },
    { x: window.width, y: window.height },
    { x: window.width, y: MARGIN },
  ].map(({ x, y }) => ({ x: within(x, width, window.width), y: within(y, height, window.height) }));
  const covered = places.map(({ x, y }) => overlap(target, { left: x, top: y, right: x + width, bottom: y + height }));
  return places[covered.indexOf(Math.min(...covered))] ?? { x: MARGIN, y: MARGIN };
}
