/** The knobs of a recipe: which there are, in which group, and what may be typed into them. */

import type { Schema } from "../panel/schema";
import type { Augmentation, Options, Recipe } from "./types";

export type Name = Exclude<keyof Recipe, "augmentation"> | `augmentation.${keyof Augmentation}`;

/** What decides most comes first; the rest is behind a word. */
export const FIRST: readonly Name[] = ["learning_rate", "batch_size", "epochs", "optimiser", "schedule"];
export const MORE: readonly Name[] = ["momentum", "weight_decay", "dropout", "label_smoothing", "mixup", "validation"];
export const CHANGES: readonly Name[] = [
  "augmentation.shift",
  "augmentation.flip",
  "augmentation.rotate",
  "augmentation.scale",
  "augmentation.shear",
  "augmentation.colour",
  "augmentation.elastic",
  "augmentation.crop",
];
/** What may be changed while a run learns. */
export const LIVE: readonly Name[] = ["learning_rate", "batch_size", "momentum", "weight_decay", "dropout"];

/** What multiplies a learning rate by a step of its slider: ten of them are a factor of ten. */
export const RATE_STEP = 10 ** 0.1;

const isAugmentation = (name: Name): name is `augmentation.${keyof Augmentation}` => name.startsWith("augmentation.");

export function valueOf(recipe: Recipe, name: Name): string | number | boolean | null {
  return isAugmentation(name)
    ? recipe.augmentation[name.slice(13) as keyof Augmentation]
    : (recipe[name as keyof Recipe] as never);
}

/** The recipe with one knob turned. */
export function turned(recipe: Recipe, name: Name, value: unknown): Recipe {
  return { ...recipe, ...change(recipe, name, value) };
}

/** The part of a recipe that a turn of a knob changes. */
export function change(recipe: Recipe, name: Name, value: unknown): Partial<Recipe> {
  if (!isAugmentation(name)) return { [name]: value };
  return { augmentation: { ...recipe.augmentation, [name.slice(13)]: value } };
}

/** What the server's schema says of a knob. */
export function schemaOf(options: Options, name: Name): Schema {
  const { properties = {}, $defs = {} } = options.recipe;
  const resolve = (schema: Schema | undefined): Schema => {
    const found = schema?.anyOf?.find(({ type }) => type !== "null") ?? schema?.allOf?.[0] ?? schema ?? {};
    const reference = found.$ref?.split("/").at(-1);
    return reference ? { ...$defs[reference], ...schema } : { ...schema, ...found };
  };
  if (!isAugmentation(name)) return resolve(properties[name]);
  return resolve(resolve(properties["augmentation"]).properties?.[name.slice(13)]);
}

export const optional = (schema: Schema): boolean => schema.anyOf?.some(({ type }) => type === "null") ?? false;

export type Reading = { value: number | null } | { fault: "number" | "whole" };

/** A typed number; what is out of bounds is left to the server, whose sentence says what would be right. */
export function readNumber(text: string, schema: Schema): Reading {
  const trimmed = text.trim().replace("−", "-").replace(",", ".");
  if (trimmed === "" && optional(schema)) return { value: null };
  const number = Number(trimmed);
  if (trimmed === "" || !Number.isFinite(number)) return { fault: "number" };
  if (schema.type === "integer" && !Number.isInteger(number)) return { fault: "whole" };
  return { value: number };
}
