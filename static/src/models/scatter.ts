/** Where things stand in the scatter: logarithmic axes, and names that do not lie over each other. */

export interface Point {
  id: string;
  title: string;
  family: string;
  cost: number;
  accuracy: number;
  parameters: number;
}

export interface Placed extends Point {
  x: number;
  y: number;
  radius: number;
  /** Where its name stands; null where there is no room. */
  label: { x: number; y: number; anchor: "start" | "end" } | null;
}

export interface Area {
  width: number;
  height: number;
  left: number;
  right: number;
  top: number;
  bottom: number;
}

const LARGEST = 26;
const LETTER = 6.6;
const LINE = 14;

/** Powers of ten and their halves and fifths between two numbers: 200 M, 500 M, 1 G. */
export function ticks(low: number, high: number): number[] {
  const found: number[] = [];
  for (let power = 10 ** Math.floor(Math.log10(low)); power <= high; power *= 10) {
    for (const digit of [1, 2, 5]) if (power * digit >= low && power * digit <= high) found.push(power * digit);
  }
  return found;
}

export interface Scale {
  low: number;
  high: number;
  at: (value: number) => number;
}

/** A logarithmic scale with a little room at both ends. */
export function logarithmic(values: readonly number[], from: number, to: number): Scale {
  const [low, high] = [Math.min(...values) / 1.35, Math.max(...values) * 1.35];
  const at = (value: number): number =>
    from + ((Math.log(value) - Math.log(low)) / (Math.log(high) - Math.log(low))) * (to - from);
  return { low, high, at };
}

export function linear(values: readonly number[], from: number, to: number): Scale {
  const low = Math.floor(Math.min(...values) / 5) * 5;
  const high = Math.ceil((Math.max(...values) + 1) / 5) * 5;
  return { low, high, at: (value) => from + ((value - low) / (high - low)) * (to - from) };
}

interface Rectangle {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

const apart = (one: Rectangle, other: Rectangle): boolean =>
  one.right < other.left || other.right < one.left || one.bottom < other.top || other.bottom < one.top;

/** Circles whose area goes with the parameters, the largest behind, with names where there is room. */
export function placed(points: readonly Point[], area: Area, x: Scale, y: Scale): Placed[] {
  const most = Math.max(...points.map(({ parameters }) => parameters));
  const circles = points
    .map((point) => ({
      ...point,
      x: x.at(point.cost),
      y: y.at(point.accuracy),
      radius: Math.max(LARGEST * Math.sqrt(point.parameters / most), 3),
    }))
    .sort((one, other) => other.radius - one.radius);
  const taken: Rectangle[] = circles.map((circle) => {
    const core = 0.75 * circle.radius;
    return { left: circle.x - core, right: circle.x + core, top: circle.y - core, bottom: circle.y + core };
  });
  return circles.map((circle) => {
    const width = circle.title.length * LETTER;
    for (const anchor of ["start", "end"] as const) {
      const beside = Math.max(circle.radius, 5) + 4;
      const from = anchor === "start" ? circle.x + beside : circle.x - beside - width;
      const rectangle = { left: from, right: from + width, top: circle.y - LINE / 2, bottom: circle.y + LINE / 2 };
      const inside = rectangle.left >= area.left && rectangle.right <= area.width;
      if (!inside || !taken.every((other) => apart(rectangle, other))) continue;
      taken.push(rectangle);
      return { ...circle, label: { x: anchor === "start" ? from : from + width, y: circle.y, anchor } };
    }
    return { ...circle, label: null };
  });
}
