/** The table of a network's layers: its rows, their order, and how they are written for other programs. */

import type { Node } from "../lib/types";

export interface Row {
  name: string;
  operation: string;
  shape: readonly number[];
  parameters: number;
  activations: number;
  macs: number;
  /** Height and width of what a value sees; null where that is the whole input. */
  field: readonly [number, number] | null;
  /** Its place in the order of computation. */
  place: number;
}

export type Column = "place" | "name" | "operation" | "shape" | "parameters" | "activations" | "macs" | "field";
export const COLUMNS: readonly Column[] = [
  "name",
  "operation",
  "shape",
  "parameters",
  "activations",
  "macs",
  "field",
] as const;

export interface Sorting {
  column: Column;
  down: boolean;
}

/** An order as it is written in the address, and read from there; null is that of computation. */
export function writtenOrder({ column, down }: Sorting): string | null {
  return column === "place" ? null : `${down ? "-" : ""}${column}`;
}

export function readOrder(text: string | null): Sorting {
  const down = text?.startsWith("-") ?? false;
  const column = COLUMNS.find((column) => column === text?.slice(down ? 1 : 0));
  return column ? { column, down } : { column: "place", down: false };
}

const size = (shape: readonly number[]): number => shape.reduce((product, side) => product * side, 1);

export function rowsOf(nodes: readonly Node[]): Row[] {
  return nodes.map((node, place) => ({
    name: node.name,
    operation: node.operation,
    shape: node.shape,
    parameters: node.parameters,
    activations: size(node.shape),
    macs: node.macs,
    field: node.receptive_field.whole ? null : node.receptive_field.size,
    place,
  }));
}

function key(row: Row, column: Column): number | string {
  if (column === "shape") return size(row.shape);
  if (column === "field") return row.field ? row.field[0] * row.field[1] : Infinity;
  return row[column];
}

/** The rows in an order; equal ones stay in that of computation. */
export function sorted(rows: readonly Row[], { column, down }: Sorting): Row[] {
  const sign = down ? -1 : 1;
  return [...rows].sort((one, other) => {
    const [a, b] = [key(one, column), key(other, column)];
    return (a < b ? -1 : a > b ? 1 : 0) * sign || one.place - other.place;
  });
}

/** What a click on a heading makes of the order: numbers begin with the largest, a third click ends it. */
export function clicked(sorting: Sorting, column: Column): Sorting {
  const first = !["name", "operation"].includes(column);
  if (sorting.column !== column) return { column, down: first };
  return sorting.down === first ? { column, down: !first } : { column: "place", down: false };
}

/** The cells of a row as plain data: no marks of a language between digits. */
function cells(row: Row): string[] {
  const field = row.field ? row.field.join("×") : "whole";
  return [row.name, row.operation, row.shape.join("×"), row.parameters, row.activations, row.macs, field].map(String);
}

function total(rows: readonly Row[], name: "parameters" | "activations" | "macs"): number {
  return rows.reduce((sum, row) => sum + row[name], 0);
}

export const totals = (rows: readonly Row[]): Record<"parameters" | "activations" | "macs", number> => ({
  parameters: total(rows, "parameters"),
  activations: total(rows, "activations"),
  macs: total(rows, "macs"),
});

const quoted = (cell: string): string => (/[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);

export function asCsv(rows: readonly Row[], headings: readonly string[]): string {
  return [headings, ...rows.map(cells)].map((line) => line.map(quoted).join(",")).join("\n") + "\n";
}

export function asMarkdown(rows: readonly Row[], headings: readonly string[]): string {
  const line = (parts: readonly string[]): string =>
    `| ${parts.map((part) => part.replaceAll("|", "\\|")).join(" | ")} |`;
  const rule = headings.map((_, column) => (column < 2 ? "---" : "---:"));
  return [line(headings), line(rule), ...rows.map((row) => line(cells(row)))].join("\n") + "\n";
}
