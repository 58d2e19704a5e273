/** From the pointer and the keys to a row and column of a picture. */

export type Cell = readonly [row: number, column: number];

/** The row and column under a pointer, of a picture that fills an element. */
export function cellUnder(event: MouseEvent, rows: number, columns: number): Cell {
  const box = (event.currentTarget as Element).getBoundingClientRect();
  const index = (offset: number, length: number, count: number): number =>
    Math.min(Math.max(Math.floor((offset / length) * count), 0), count - 1);
  return [index(event.clientY - box.top, box.height, rows), index(event.clientX - box.left, box.width, columns)];
}

const STEPS: Record<string, Cell> = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

/** Where a key moves the pin, `by` cells, ten times as far with Shift; null where the key moves nothing. */
export function movedCell(cell: Cell, key: string, shift: boolean, rows: number, columns: number, by = 1): Cell | null {
  const step = STEPS[key];
  if (!step) return null;
  const clamp = (index: number, count: number): number => Math.min(Math.max(index, 0), count - 1);
  const far = shift ? 10 * by : by;
  return [clamp(cell[0] + step[0] * far, rows), clamp(cell[1] + step[1] * far, columns)];
}

/** The cell whose value is largest in size; the first of equals. */
export function strongest(values: ArrayLike<number>, columns: number): Cell {
  let best = 0;
  for (let index = 1; index < values.length; index += 1) {
    if (Math.abs(values[index] ?? 0) > Math.abs(values[best] ?? 0)) best = index;
  }
  return [Math.floor(best / columns), best % columns];
}
