/** A method's parameters as the fields of a form, read from the JSON Schema that the server declares. */

import { told } from "../lib/told";

export interface Schema {
  title?: string;
  description?: string;
  type?: string;
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  unit?: string;
  /** What its values name, where several methods are asked about the same. */
  names?: "class" | "layer";
  /** What each preset has for this parameter. */
  presets?: Record<string, unknown>;
  anyOf?: Schema[];
  allOf?: Schema[];
  items?: Schema;
  properties?: Record<string, Schema>;
  $ref?: string;
  $defs?: Record<string, Schema>;
}

export type Kind = "integer" | "number" | "boolean" | "choice" | "text" | "list";

export interface Field {
  name: string;
  title: string;
  help: string;
  unit: string;
  kind: Kind;
  choices: string[];
  minimum?: number;
  maximum?: number;
  /** Bounds that do not belong to what is allowed. */
  above?: number;
  below?: number;
  /** Whether it may be left empty, which leaves the decision to the method. */
  optional: boolean;
  fallback: unknown;
  presets: Record<string, unknown>;
  names: "class" | "layer" | null;
}

/** The fields of a form in the order of the declaration, without those that the page fills in itself. */
export function fields(schema: Schema, hidden: readonly string[] = []): Field[] {
  return Object.entries(schema.properties ?? {})
    .filter(([name]) => !hidden.includes(name))
    .map(([name, property]) => field(name, property, schema.$defs ?? {}));
}

function field(name: string, property: Schema, definitions: Record<string, Schema>): Field {
  const alternatives = property.anyOf ?? property.allOf ?? [property];
  const resolved = alternatives.map((alternative) => resolve(alternative, definitions));
  const shape = { ...(resolved.find((alternative) => alternative.type !== "null") ?? {}), ...own(property) };
  return {
    name,
    title: told(shape.title ?? name.replaceAll("_", " ")),
    help: told(shape.description ?? ""),
    unit: shape.unit ?? "",
    kind: kind(shape),
    choices: (shape.enum ?? (shape.const === undefined ? [] : [shape.const])).map(String),
    minimum: shape.minimum,
    maximum: shape.maximum,
    above: shape.exclusiveMinimum,
    below: shape.exclusiveMaximum,
    optional: resolved.some((alternative) => alternative.type === "null"),
    fallback: property.default ?? null,
    presets: shape.presets ?? {},
    names: shape.names ?? null,
  };
}

function resolve(schema: Schema, definitions: Record<string, Schema>): Schema {
  return schema.$ref ? (definitions[schema.$ref.split("/").at(-1) ?? ""] ?? {}) : schema;
}

/** What a property says itself, beside the alternatives and references that it is made of. */
function own(property: Schema): Schema {
  const said = { ...property };
  delete said.anyOf;
  delete said.allOf;
  delete said.$ref;
  return said;
}

function kind(shape: Schema): Kind {
  if (shape.enum || shape.const !== undefined) return "choice";
  if (shape.type === "integer" || shape.type === "number" || shape.type === "boolean") return shape.type;
  return shape.type === "array" ? "list" : "text";
}

/** What a field has while nobody has touched it: the chosen preset's, or its default. */
export function untouched(field: Field, preset: unknown): unknown {
  return typeof preset === "string" && preset in field.presets ? field.presets[preset] : field.fallback;
}

/** What a field's text means, or what is wrong with it: the key of a sentence in the texts file. */
export type Fault = "not_a_number" | "not_whole" | "too_small" | "too_large" | "above" | "below" | "empty";
export type Reading = { value: unknown } | { fault: Fault };

/** Reads what was typed into a field; an empty optional field reads as null. */
export function read(field: Field, text: string): Reading {
  const trimmed = text.trim().replace("−", "-");
  if (trimmed === "") return field.optional ? { value: null } : { fault: "empty" };
  if (field.kind === "boolean") return { value: trimmed === "true" };
  if (field.kind === "list") return { value: trimmed.split(/[\s,]+/).map((part) => (isNaN(+part) ? part : +part)) };
  if (field.kind !== "integer" && field.kind !== "number") return { value: trimmed };
  const number = Number(trimmed.replace(",", "."));
  const fault = wrong(field, number);
  return fault ? { fault } : { value: number };
}

function wrong(field: Field, number: number): Fault | null {
  const { minimum = -Infinity, maximum = Infinity, above = -Infinity, below = Infinity } = field;
  if (!Number.isFinite(number)) return "not_a_number";
  if (field.kind === "integer" && !Number.isInteger(number)) return "not_whole";
  if (number < minimum) return "too_small";
  if (number > maximum) return "too_large";
  if (number <= above) return "above";
  return number >= below ? "below" : null;
}

/** A field's value as the text of its input. */
export function written(given: unknown): string {
  if (given === null || given === undefined) return "";
  return Array.isArray(given) ? given.join(", ") : String(given);
}
