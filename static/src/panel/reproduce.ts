/** How to get a result again outside the page: the curl line and the lines of Python. */

import type { Ask } from "../lib/types";

/** The line for a shell that asks the same and keeps all arrays in full precision, or the values where there are none. */
export function curl(origin: string, ask: Ask, arrays: boolean): string {
  const quoted = JSON.stringify(body(ask)).replaceAll("'", "'\\''");
  const [type, ending] = arrays ? ["application/x-npz", "npz"] : ["application/json", "json"];
  return (
    `curl --silent --show-error --fail-with-body ${origin}/api/v1/ask ` +
    `--header 'Content-Type: application/json' --header 'Accept: ${type}' ` +
    `--data '${quoted}' --output ${ask.method}.${ending}`
  );
}

/** The lines of Python that ask the same, with nothing but the standard library and, where there are arrays, NumPy. */
export function python(origin: string, ask: Ask, arrays: boolean): string {
  return [
    ...(arrays ? ["import io"] : []),
    "import json",
    "from urllib.request import Request, urlopen",
    ...(arrays ? ["", "import numpy"] : []),
    "",
    `server = ${literal(`${origin}/api/v1`)}`,
    `ask = ${literal(body(ask))}`,
    'request = Request(f"{server}/ask", json.dumps(ask).encode(), {"Content-Type": "application/json"})',
    "with urlopen(request) as reply:",
    "    answer = json.load(reply)",
    ...(arrays
      ? [
          `with urlopen(f"{server}/answers/{answer['answer']}?format=npz") as reply:`,
          "    arrays = dict(numpy.load(io.BytesIO(reply.read())))",
          "print({name: array.shape for name, array in arrays.items()})",
        ]
      : ["print(answer)"]),
  ].join("\n");
}

/** What is asked, without a picture that the method does not look at, and a framing that it has anyway. */
function body({ method, model, image, params = {}, framing }: Ask): Record<string, unknown> {
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
