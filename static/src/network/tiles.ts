/** Many maps on one canvas: by WebGL2, or else by the 2D context. */

import type { Theme } from "../lib/colours";
import type { Tile } from "../lib/maps";
import type { Pair } from "../lib/types";
import { FlatTiles } from "./tiles2d";

/** A map and where it goes, in CSS pixels from the canvas's corner. */
export interface Placement {
  tile: Tile;
  /** Changes when the map does: its node, unit and version. */
  key: string;
  x: number;
  y: number;
  width: number;
  height: number;
  shown: Pair;
  /** Less than 1 for what is about to be replaced. */
  alpha: number;
}

export interface TileCanvas {
  readonly kind: "webgl2" | "2d";
  /** Takes a size in CSS pixels; does nothing where it has that already. */
  resize(width: number, height: number, ratio: number): void;
  draw(placements: readonly Placement[], theme: Theme): void;
  dispose(): void;
}

/** What the address asks for; read when the page is loaded, for the address soon says nothing but the view. */
const ASKED = new URLSearchParams(location.search).get("renderer");

/** The names of renderers that compute on the processor. */
const SOFTWARE = /swiftshader|llvmpipe|softpipe|software|basic render/i;

let hardware: boolean | null = null;

/** Whether WebGL2 is done by graphics hardware. Not every browser honours `failIfMajorPerformanceCaveat`. */
function byHardware(): boolean {
  if (hardware === null) {
    const gl = document.createElement("canvas").getContext("webgl2", { failIfMajorPerformanceCaveat: true });
    const named = gl?.getExtension("WEBGL_debug_renderer_info")?.UNMASKED_RENDERER_WEBGL ?? gl?.RENDERER;
    hardware = gl !== null && named !== undefined && !SOFTWARE.test(String(gl.getParameter(named)));
    gl?.getExtension("WEBGL_lose_context")?.loseContext();
  }
  return hardware;
}

/**
 * WebGL2 where graphics hardware does it: in software it takes twice the time of the 2D context. `renderer=2d` or
 * `renderer=webgl2` in the address decides otherwise.
 */
const byGraphics = (): boolean => ASKED !== "2d" && (ASKED === "webgl2" || byHardware());

/** Where graphics hardware draws, its script is asked for early, to be there when the first canvas is. */
export function fetchRenderer(): void {
  if (byGraphics()) void import("./tilesgl");
}

/** Gives a canvas's renderer on as soon as it is there, and ends it when what is returned is called. */
export function drawTiles(canvas: HTMLCanvasElement, ready: (tiles: TileCanvas) => void): () => void {
  let made: TileCanvas | null = null;
  let ended = false;
  void createTileCanvas(canvas).then((tiles) => {
    made = tiles;
    if (ended) made.dispose();
    else ready(made);
  });
  return () => {
    ended = true;
    made?.dispose();
  };
}

async function createTileCanvas(canvas: HTMLCanvasElement): Promise<TileCanvas> {
  const gl = byGraphics() ? canvas.getContext("webgl2", { antialias: false }) : null;
  if (gl && !gl.isContextLost()) {
    const { GpuTiles } = await import("./tilesgl");
    return new GpuTiles(canvas, gl);
  }
  return new FlatTiles(canvas);
}
