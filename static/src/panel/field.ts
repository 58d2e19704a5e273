/** Receptive fields on the page: the same interval arithmetic as the server's, for previews under the pointer. */

/** Rows and columns of the input, both ends included. */
export interface Box {
  top: number;
  left: number;
  bottom: number;
  right: number;
}

export interface Field {
  size: readonly number[];
  step: readonly number[];
  start: readonly number[];
  whole: boolean;
}

/** The box that the value at (row, column) sees, before clipping; null where it sees everything. */
export function box(field: Field, row: number, column: number): Box | null {
  if (field.whole) return null;
  const [top, bottom] = interval(field, 0, row);
  const [left, right] = interval(field, 1, column);
  return { top, left, bottom, right };
}

function interval(field: Field, axis: number, index: number): [number, number] {
  const low = (field.start[axis] ?? 0) + index * (field.step[axis] ?? 1);
  return [Math.floor(low), Math.ceil(low + (field.size[axis] ?? 1) - 1)];
}

/** The part of a box that lies on a picture of so many rows and columns; null where none does. */
export function clipped(whole: Box, rows: number, columns: number): Box | null {
  const part = {
    top: Math.max(whole.top, 0),
    left: Math.max(whole.left, 0),
    bottom: Math.min(whole.bottom, rows - 1),
    right: Math.min(whole.right, columns - 1),
  };
  return part.top > part.bottom || part.left > part.right ? null : part;
}

/** How many rows or columns of padding the box holds on its four sides together. */
export function padding(whole: Box, rows: number, columns: number): number {
  const low = Math.max(-whole.top, 0) + Math.max(-whole.left, 0);
  return low + Math.max(whole.bottom - rows + 1, 0) + Math.max(whole.right - columns + 1, 0);
}

/** The value of a node of this shape whose receptive field is centred nearest to a pixel. */
export function valueAt(
  field: Field,
  shape: readonly number[],
  pixelRow: number,
  pixelColumn: number,
): [number, number] {
  const index = (axis: number, pixel: number): number => {
    const centre = (field.start[axis] ?? 0) + ((field.size[axis] ?? 1) - 1) / 2;
    const nearest = Math.round((pixel - centre) / (field.step[axis] ?? 1));
    return Math.min(Math.max(nearest, 0), (shape[axis + 1] ?? 1) - 1);
  };
  return [index(0, pixelRow), index(1, pixelColumn)];
}
