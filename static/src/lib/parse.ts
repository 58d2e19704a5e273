/** How the properties of a view are read from the address, and what comes after a choice. */

/** The steps of the keys; wheel and fingers zoom to anything between the least and the most. */
const ZOOMS: readonly number[] = [0.5, 0.75, 1, 1.5, 2, 3, 4];
export const ZOOM_LEAST = 0.4;
export const ZOOM_MOST = 5;

export const text = (value: string): string => value;
export const oneOf =
  <Choice extends string>(choices: readonly Choice[]) =>
  (given: string): Choice | undefined =>
    choices.find((choice) => choice === given);
export const list = (given: string): string[] => given.split(",").filter(Boolean);
export const natural = (given: string): number | undefined => (/^\d{1,9}$/.test(given) ? Number(given) : undefined);

export function place(given: string): [number, number] | undefined {
  const match = /^(\d{1,6}),(\d{1,6})$/.exec(given);
  return match ? [Number(match[1]), Number(match[2])] : undefined;
}

/** The choice after another one; after the last comes the first. */
export function after<Choice>(choices: readonly Choice[], current: Choice, by = 1): Choice {
  const index = choices.indexOf(current) + by;
  return choices[(index + choices.length) % choices.length] as Choice;
}

/** The next step of the keys above or below. */
export function zoomed(current: number, by: 1 | -1): number {
  const next = by > 0 ? ZOOMS.find((zoom) => zoom > current) : ZOOMS.findLast((zoom) => zoom < current);
  return next ?? current;
}

export function magnification(given: string): number | undefined {
  const zoom = /^\d(\.\d{1,3})?$/.test(given) ? Number(given) : 0;
  return zoom >= ZOOM_LEAST && zoom <= ZOOM_MOST ? zoom : undefined;
}

/** 0 to 1, in hundredths. */
export const share = (given: string): number | undefined =>
  /^(0(\.\d{1,2})?|1)$/.test(given) ? Number(given) : undefined;
