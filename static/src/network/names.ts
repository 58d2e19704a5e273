/** Names of layers in the width of a column: on one line, on two, or aslant. */

/** Widths of a character of a name and of a shape. */
export const CHARACTER = 8;
export const SHAPE_CHARACTER = 6.5;

/** Where a name may be broken: after a dot, an underscore or a dash. */
const BREAK = /(?<=[._–])/;

/** A name on one line, or on two that are as short as can be; null where it is too long for them. */
export function wrapped(name: string, width: number): string[] | null {
  const most = Math.floor((width - 6) / CHARACTER);
  if (name.length <= most) return [name];
  const lines = halved(name);
  return lines.every((line) => line.length <= most) ? lines : null;
}

/** The two lines of a name whose longer one is shortest. */
function halved(name: string): string[] {
  const parts = name.split(BREAK);
  const splits = parts.map((_, at) => [parts.slice(0, at).join(""), parts.slice(at).join("")]);
  const longer = (lines: string[]): number => Math.max(...lines.map(({ length }) => length));
  return splits.reduce((best, lines) => (longer(lines) < longer(best) ? lines : best)).filter(Boolean);
}

/** The width of a column in which each of these names stands on one line, or on two where one would be wider than `most`. */
export function widthFor(names: readonly string[], most: number): number {
  const width = (name: string): number => name.length * CHARACTER + 6;
  return Math.max(
    0,
    ...names.map((name) => (width(name) <= most ? width(name) : Math.max(...halved(name).map(width)))),
  );
}

/** Among tiles names are smaller, and may reach a little beyond their column. */
const SMALL_CHARACTER = 7.3;
const BEYOND = 10;

/** A name in few characters: its beginning, and the end that tells it from its neighbours. */
export function abbreviated(name: string, width: number): string {
  const most = Math.max(Math.floor((width + BEYOND) / SMALL_CHARACTER), 5);
  return name.length <= most ? name : `${name.slice(0, most - 3)}…${name.slice(-2)}`;
}
