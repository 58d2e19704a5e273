/** The heights at which the panel rests where it is a sheet over the page, and where a hand that lets go leaves it. */

export type Height = "peek" | "half" | "full";

/** As shares of the window's height. */
const SHARES: Readonly<Record<Height, number>> = { peek: 0.17, half: 0.55, full: 0.93 };
export const HEIGHTS = Object.keys(SHARES) as Height[];

/** Faster than this, in pixels a millisecond, it is thrown and not put down. */
const THROWN = 0.5;

export const pixels = (height: Height, window: number): number => Math.round(SHARES[height] * window);

/** Where it rests: the nearest height, or thrown the next one in that direction; null where it is closed. */
export function settled(now: number, window: number, upwards: number): Height | null {
  if (Math.abs(upwards) > THROWN) {
    const beyond = HEIGHTS.filter((height) => (pixels(height, window) - now) * upwards > 0);
    return (upwards > 0 ? beyond[0] : beyond.at(-1)) ?? (upwards > 0 ? "full" : null);
  }
  if (now < pixels("peek", window) / 2) return null;
  const distance = (height: Height): number => Math.abs(pixels(height, window) - now);
  return HEIGHTS.reduce((best, height) => (distance(height) < distance(best) ? height : best));
}

/** The next height up, and after the highest the lowest: what a press on the handle does. */
export const next = (height: Height): Height => HEIGHTS[(HEIGHTS.indexOf(height) + 1) % HEIGHTS.length] ?? "half";
