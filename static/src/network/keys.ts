/** Where the arrow keys lead among columns of tiles that differ in how many they hold. */

/** Tile −1 is the column's name. */
export interface Place {
  column: number;
  tile: number;
}

/** A stack of tiles; several may stand one above the other in one column. */
export interface Stack {
  column: number;
  tiles: number;
  top: number;
  pitch: number;
}

/** The place that a key leads to; null for other keys. At an edge it is the same place. */
export function arrow(key: string, at: Place, stacks: readonly Stack[]): Place | null {
  const own = stacks[at.column];
  if (!own) return null;
  if (key === "ArrowUp" || key === "ArrowDown") return vertical(at, stacks, key === "ArrowUp" ? -1 : 1);
  if (key === "ArrowLeft" || key === "ArrowRight") return horizontal(at, own, stacks, key === "ArrowLeft" ? -1 : 1);
  if (key === "Home") return { ...at, tile: 0 };
  if (key === "End") return { ...at, tile: own.tiles - 1 };
  return null;
}

function vertical(at: Place, stacks: readonly Stack[], by: number): Place {
  const tile = at.tile + by;
  if (tile >= -1 && tile < (stacks[at.column]?.tiles ?? 0)) return { ...at, tile };
  const other = stacks[at.column + by];
  if (other?.column !== stacks[at.column]?.column) return at;
  return { column: at.column + by, tile: by > 0 ? -1 : (other?.tiles ?? 0) - 1 };
}

/** To the next column: the tile at the same height. */
function horizontal(at: Place, own: Stack, stacks: readonly Stack[], by: number): Place {
  const columns = stacks.map(({ column }) => column).filter((column) => (column - own.column) * by > 0);
  if (columns.length === 0) return at;
  const next = by > 0 ? Math.min(...columns) : Math.max(...columns);
  const height = own.top + Math.max(at.tile, 0) * own.pitch;
  let [best, least]: [Place, number] = [at, Number.POSITIVE_INFINITY];
  for (const [index, stack] of stacks.entries()) {
    if (stack.column !== next) continue;
    const tile = Math.min(Math.max(Math.round((height - stack.top) / stack.pitch), 0), stack.tiles - 1);
    const distance = Math.abs(stack.top + tile * stack.pitch - height);
    if (distance < least) [best, least] = [{ column: index, tile: at.tile < 0 ? -1 : tile }, distance];
  }
  return best;
}
