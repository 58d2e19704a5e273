/** How to get a result again outside the page: the curl line and the lines of Python. */

import type { Framing } from "../lib/types";

export interface Ask {
  method: string;
  model: string;
  image?: string | null;
  params: Record<string, unknown>;
  framing?: Framing | null;
}

/** The line for a shell that asks the same and keeps all arrays in full precision. */
export function curl(origin: string, ask: Ask): string {
  const quoted = JSON.stringify(body(ask)).replaceAll("'", "'\\''");
  return (
    `curl --silent --show-error --fail-with-body ${origin}/api/v1/ask ` +
    `--header 'Content-Type: application/json' --header 'Accept: application/x-npz' ` +
    `--data '${quoted}' --output ${ask.method}.npz`
  );
}

/** The lines of Python that ask the same, with nothing but the standard library and NumPy. */
export function python(origin: string, ask: Ask): string {
  return [
    "import io",
    "import json",
    "import urllib.request",
    "",
    "import numpy",
    "",
    `ask = ${literal(body(ask))}`,
    "request = urllib.request.Request(",
    `    ${literal(`${origin}/api/v1/ask`)},`,
    "    data=json.dumps(ask).encode(),",
    '    headers={"Content-Type": "application/json", "Accept": "application/x-npz"},',
    ")",
    "with urllib.request.urlopen(request) as answer:",
    "    arrays = dict(numpy.load(io.BytesIO(answer.read())))",
    "print({name: array.shape for name, array in arrays.items()})",
  ].join("\n");
}

function body(ask: Ask): Record<string, unknown> {
  const { method, model, image, params, framing } = ask;
  if (!image) return { method, model, params };
  return framing ? { method, model, image, framing, params } : { method, model, image, params };
}

/** A JSON value as Python writes it. */
function literal(given: unknown): string {
  if (given === null || given === undefined) return "None";
  if (typeof given === "boolean") return given ? "True" : "False";
  if (Array.isArray(given)) return `[${given.map(literal).join(", ")}]`;
  if (typeof given === "object") {
    const items = Object.entries(given).map(([key, item]) => `${JSON.stringify(key)}: ${literal(item)}`);
    return `{${items.join(", ")}}`;
  }
  return JSON.stringify(given);
}
