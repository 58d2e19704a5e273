/** A set-up in the address: what differs from the defaults, so that a link carries it whole. */

import type { Architecture, Augmentation, Options, Plan, Recipe } from "./types";

type Value = string | number | boolean | null;

/** What the schema of the recipe has for each field; an object of its own is the augmentation. */
export function defaultRecipe(options: Options): Recipe {
  const { properties = {}, $defs = {} } = options.recipe;
  const valuesOf = (table: typeof properties): Record<string, unknown> =>
    Object.fromEntries(Object.entries(table).map(([name, schema]) => [name, schema.default ?? null]));
  const found = properties["augmentation"];
  const reference = found?.$ref ?? found?.allOf?.[0]?.$ref;
  const parts = found?.properties ?? $defs[reference?.split("/").at(-1) ?? ""]?.properties ?? {};
  const given = found?.default as Partial<Augmentation> | undefined;
  return { ...valuesOf(properties), augmentation: { ...valuesOf(parts), ...given } } as unknown as Recipe;
}

/** A recipe with every field, from one that leaves some out. */
export function complete(recipe: Partial<Recipe>, defaults: Recipe): Recipe {
  return { ...defaults, ...recipe, augmentation: { ...defaults.augmentation, ...recipe.augmentation } };
}

/** The recipe's fields in one row: those of the augmentation with its name before them. */
function flat(recipe: Recipe): Record<string, Value> {
  const { augmentation, ...plain } = recipe;
  const inner = Object.entries(augmentation).map(([name, value]): [string, Value] => [
    `augment.${name}`,
    value as Value,
  ]);
  return { ...plain, ...Object.fromEntries(inner) };
}

/** Puts a set-up into a query. */
export function writePlan(query: URLSearchParams, plan: Plan, defaults: Recipe): void {
  query.set("data", plan.data);
  if (plan.architecture) query.set("net", JSON.stringify(plan.architecture));
  else if (plan.model) query.set("model", plan.model);
  const [chosen, usual] = [flat(complete(plan.recipe, defaults)), flat(defaults)];
  for (const [name, value] of Object.entries(chosen))
    if (value !== usual[name]) query.set(name, value === null ? "" : String(value));
  if (plan.seed !== 1) query.set("seed", String(plan.seed));
}

/** The value that an address gives a field of this default; undefined where it makes no sense. */
function read(given: string, usual: Value): Value | undefined {
  if (given === "") return usual === null ? null : undefined;
  if (typeof usual === "boolean") return given === "true";
  if (typeof usual === "string") return given;
  const number = Number(given);
  return Number.isFinite(number) ? number : undefined;
}

function readArchitecture(given: string | null): Architecture | null {
  try {
    const found: unknown = JSON.parse(given ?? "null");
    return typeof found === "object" ? (found as Architecture | null) : null;
  } catch {
    return null;
  }
}

/** The set-up of a query; null where it has none. */
export function readPlan(query: URLSearchParams, defaults: Recipe): Plan | null {
  const data = query.get("data");
  const [model, architecture] = [query.get("model"), readArchitecture(query.get("net"))];
  if (data === null || (model === null && architecture === null)) return null;
  const recipe: Recipe = { ...defaults, augmentation: { ...defaults.augmentation } };
  const put = (into: Record<string, unknown>, name: string, given: string): void => {
    const value = read(given, into[name] as Value);
    if (name in into && value !== undefined) into[name] = value;
  };
  for (const [name, given] of query) {
    if (name.startsWith("augment.")) put(recipe.augmentation as never, name.slice(8), given);
    else if (name !== "augmentation") put(recipe as never, name, given);
  }
  const seed = Number(query.get("seed") ?? 1);
  return { model: architecture ? null : model, architecture, data, recipe, seed: Number.isInteger(seed) ? seed : 1 };
}
