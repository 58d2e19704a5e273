/** Names of layers in the width of a column: on one line, on two, or aslant. */

/** Widths of a character of a name and of a shape. */
export const CHARACTER = 8;
export const SHAPE_CHARACTER = 6.5;
const MOST_LINES = 2;

/** A name on at most two lines, broken after a dot or an underscore; null where it is too long for them. */
export function wrapped(name: string, width: number): string[] | null {
  const most = Math.floor((width - 6) / CHARACTER);
  if (name.length <= most) return [name];
  const lines = [""];
  for (const part of name.split(/(?<=[._–])/)) {
    const line = lines.at(-1) ?? "";
    if (line === "" || line.length + part.length <= most) lines[lines.length - 1] = line + part;
    else lines.push(part);
  }
  return lines.length <= MOST_LINES && lines.every((line) => line.length <= most) ? lines : null;
}

/** The width of a column in which names stand on two lines. */
export function widthFor(names: readonly string[]): number {
  const parts = names.flatMap((name) => name.split(/(?<=[._–])/));
  return Math.max(0, ...parts.map(({ length }) => length)) * CHARACTER + 6;
}

/** A name in few characters: its beginning, and the end that tells it from its neighbours. */
export function abbreviated(name: string, width: number): string {
  const most = Math.max(Math.floor((width - 6) / CHARACTER), 5);
  return name.length <= most ? name : `${name.slice(0, most - 3)}…${name.slice(-2)}`;
}
