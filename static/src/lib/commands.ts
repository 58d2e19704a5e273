/**
 * What parts of the page do when a key is pressed that the table of the view names and has no action for.
 *
 * A part offers its commands as long as it is on the page; each is named by the text that explains its key.
 */

/** Does what was asked for; false where there is nothing to do, so that the key keeps its usual meaning. */
export type Command = (key: string) => unknown;

const offered = new Map<string, Command>();

/** Offers commands; the result takes them back. */
export function offer(commands: Readonly<Record<string, Command>>): () => void {
  const names = Object.entries(commands);
  for (const [name, command] of names) offered.set(name, command);
  return () => {
    for (const [name, command] of names) if (offered.get(name) === command) offered.delete(name);
  };
}

/** The command of a name, if somebody offers it. */
export function offeredAs(name: string): Command | undefined {
  return offered.get(name);
}
