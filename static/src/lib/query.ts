/** Views in the URL: read from it and written to it by the table of a view's properties. */

import { squareOf } from "./framing";
import { NAMES, PROPERTIES, type Property, type View } from "./view";

/** The view that is written in a URL's query. What cannot be read is as if it weren't there. */
export function readView(search: string): View {
  const query = new URLSearchParams(search);
  const read = <Name extends keyof View>(name: Name): View[Name] => {
    const given = query.get(name);
    const property: Property<Name> = PROPERTIES[name];
    return (given === null ? undefined : property.parse(given)) ?? property.initial;
  };
  return Object.fromEntries(NAMES.map((name) => [name, read(name)])) as unknown as View;
}

/** The query of a view's URL: what differs from the initial view. */
export function writeView(view: View): string {
  const query = new URLSearchParams();
  const put = <Name extends keyof View>(name: Name): void => {
    const property: Property<Name> = PROPERTIES[name];
    const value = view[name];
    if (value === null || String(value) === String(property.initial)) return;
    query.set(name, property.write(value as NonNullable<View[Name]>));
  };
  NAMES.forEach(put);
  // Commas are allowed in a query, and a link with them can be read.
  const written = query.toString().replaceAll("%2C", ",");
  return written ? `?${written}` : "";
}

/** What is seen in a view, without the frame around it. */
export function seen(view: View): Partial<View> {
  return Object.fromEntries(NAMES.filter((name) => PROPERTIES[name].seen).map((name) => [name, view[name]]));
}

/** What must be let go of when something above it changes, unless it is chosen at the same time. */
export function dependants(change: Partial<View>, before: View): Partial<View> {
  const changed = (name: keyof View): boolean => name in change && String(change[name]) !== String(before[name]);
  if (changed("model"))
    return {
      sort: null,
      node: null,
      unit: null,
      at: null,
      target: null,
      layer: null,
      region: null,
      open: null,
      cuts: [],
    };
  // A layer that is opened takes the place of what explains the answer.
  if (changed("node")) return { unit: null, at: null, why: null };
  if (changed("unit")) return { at: null };
  // A square of one picture may not even fit into another.
  if (changed("image") && squareOf(before.framing)) return { framing: null };
  return {};
}
