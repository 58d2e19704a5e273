/** Which methods explain an answer over the picture, and what each is asked: all about the same class and layer. */

import type { Method, Model, Node, Values } from "../lib/types";
import { fields, type Field, type Schema } from "../panel/schema";

/** Those that declare what they show, by title. */
export function explaining(methods: readonly Method[]): Method[] {
  return methods.filter(({ shows }) => shows !== "").sort((one, other) => one.title.localeCompare(other.title));
}

/** The chosen ones in the order in which they were chosen; those that lead where none is. */
export function shownOf(methods: readonly Method[], chosen: readonly string[]): Method[] {
  const all = explaining(methods);
  if (chosen.length === 0) return all.filter(({ leads }) => leads);
  return chosen.flatMap((name) => all.find((method) => method.name === name) ?? []);
}

/** The field of a method that names a class, or a layer. */
export const named = (method: Method, names: Field["names"]): Field | undefined =>
  fields(method.params as Schema).find((field) => field.names === names);

/** Whether a method asks for a layer. */
export const wantsLayer = (method: Method): boolean => named(method, "layer") !== undefined;

/** The fields that are this method's own: neither the class nor the layer that all are asked about. */
export function ownFields(method: Method): Field[] {
  return fields(method.params as Schema).filter(({ names }) => names === null);
}

/** The class and the layer that all are asked about; null where the choice is left to the method. */
export interface About {
  class: number | null;
  layer: string | null;
}

/** What a method is asked: what was changed of its own, and the class and the layer; the usual ones where it needs one. */
export function paramsOf(method: Method, chosen: About, usual: About, changed: Values): Values {
  const common = (["class", "layer"] as const).flatMap((names) => {
    const field = named(method, names);
    const about = chosen[names] ?? (field?.optional === false ? usual[names] : null);
    return field && about !== null ? [[field.name, about] as const] : [];
  });
  return { ...changed, ...Object.fromEntries(common) };
}

/** The layers with rows and columns: others have no maps to look into. */
export const mappedLayers = (model: Model): Node[] =>
  model.graph.nodes.filter(({ shape, inputs }) => inputs.length > 0 && shape.length === 3 && shape[1] !== 1);
