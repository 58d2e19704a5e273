/** A network's source: which of its lines make a layer, and how a line is set. */

export interface Source {
  file: string;
  text: string;
  lines: Record<string, number[]>;
  forwards: Record<string, number>;
}

export interface Marks {
  /** The line that makes the layer itself, or where it is computed; counted from 1. */
  own: number | null;
  /** The lines around it: the calls that lead there. */
  outer: readonly number[];
}

/** The lines of a node: its module's constructor; of an operation the `forward` of the module that calls it. */
export function marksOf(source: Source, module: string, calls: boolean): Marks {
  const lines = source.lines[module] ?? [];
  const forward = source.forwards[module];
  if (!calls && forward !== undefined) return { own: forward, outer: lines };
  return { own: lines.at(-1) ?? forward ?? null, outer: lines.slice(0, -1) };
}

export interface Part {
  text: string;
  kind: "comment" | "keyword" | "plain";
}

const TOKENS =
  /(#.*$)|\b(?:def|class|return|if|else|elif|for|in|not|and|or|is|None|True|False|import|from|with|as|lambda|super|self)\b/g;

/** A line in its parts: comments, Python's own words, and the rest. */
export function partsOf(line: string): Part[] {
  const parts: Part[] = [];
  let end = 0;
  for (const match of line.matchAll(TOKENS)) {
    if (match.index > end) parts.push({ text: line.slice(end, match.index), kind: "plain" });
    parts.push({ text: match[0], kind: match[1] === undefined ? "keyword" : "comment" });
    end = match.index + match[0].length;
  }
  return end < line.length || !parts.length ? [...parts, { text: line.slice(end), kind: "plain" }] : parts;
}

/** For each line whether it belongs to a docstring. */
export function docstrings(lines: readonly string[]): boolean[] {
  let inside = false;
  return lines.map((line) => {
    const quotes = line.split('"""').length - 1;
    const within = inside || quotes > 0;
    if (quotes % 2) inside = !inside;
    return within;
  });
}
