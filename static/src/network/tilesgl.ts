/**
 * Tiles by WebGL2: maps of one size and node lie in a texture array, drawn by one instanced call per array; the colour table is a
 * texture, so that another range or theme uploads nothing but that.
 */

import { colourTable, ENTRIES, NOT_FINITE, type TableKind, type Theme } from "../lib/colours";
import { diverges } from "../lib/frame";
import { resize } from "../lib/tile";
import { drawnBox } from "./reduce";
import { FRAGMENT, VERTEX } from "./shaders";
import type { Placement, TileCanvas } from "./tiles";

/** What every WebGL2 offers at least. */
const MOST_LAYERS = 256;
const FLOATS = 8;
const MOST_ARRAYS = 256;

interface Layers {
  texture: WebGLTexture;
  /** The keys of the maps that lie in it, in order. */
  signature: string;
}

export class GpuTiles implements TileCanvas {
  readonly kind = "webgl2";
  private readonly program: WebGLProgram;
  private readonly quad: WebGLVertexArrayObject;
  private readonly instances: WebGLBuffer;
  private readonly arrays = new Map<string, Layers>();
  private readonly tables = new Map<string, WebGLTexture>();
  private ratio = 1;

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly gl: WebGL2RenderingContext,
  ) {
    this.program = link(gl);
    this.instances = gl.createBuffer();
    this.quad = this.makeQuad();
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
  }

  resize(width: number, height: number, ratio: number): void {
    resize(this.canvas, Math.round(width * ratio), Math.round(height * ratio));
    this.ratio = ratio;
  }

  draw(placements: readonly Placement[], theme: Theme): void {
    const { gl, canvas, program } = this;
    gl.viewport(0, 0, canvas.width, canvas.height);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    gl.useProgram(program);
    gl.bindVertexArray(this.quad);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    gl.uniform2f(gl.getUniformLocation(program, "size"), canvas.width, canvas.height);
    gl.uniform1i(gl.getUniformLocation(program, "maps"), 0);
    gl.uniform1i(gl.getUniformLocation(program, "colours"), 1);
    const groups = grouped(placements);
    for (const [name, group] of groups) this.drawGroup(name, group, theme);
    this.dropOthers(groups);
  }

  dispose(): void {
    const { gl } = this;
    for (const { texture } of this.arrays.values()) gl.deleteTexture(texture);
    for (const texture of this.tables.values()) gl.deleteTexture(texture);
    gl.deleteBuffer(this.instances);
    gl.deleteVertexArray(this.quad);
    gl.deleteProgram(this.program);
  }

  private makeQuad(): WebGLVertexArrayObject {
    const { gl, program } = this;
    const array = gl.createVertexArray();
    gl.bindVertexArray(array);
    gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
    gl.bufferData(gl.ARRAY_BUFFER, new Float32Array([0, 0, 1, 0, 0, 1, 1, 1]), gl.STATIC_DRAW);
    const corner = gl.getAttribLocation(program, "corner");
    gl.enableVertexAttribArray(corner);
    gl.vertexAttribPointer(corner, 2, gl.FLOAT, false, 0, 0);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.instances);
    for (const [index, name] of ["box", "look"].entries()) {
      const location = gl.getAttribLocation(program, name);
      gl.enableVertexAttribArray(location);
      gl.vertexAttribPointer(location, 4, gl.FLOAT, false, FLOATS * 4, index * 16);
      gl.vertexAttribDivisor(location, 1);
    }
    return array;
  }

  private drawGroup(name: string, group: readonly Placement[], theme: Theme): void {
    const { gl, program, ratio } = this;
    const first = group[0];
    if (!first) return;
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(gl.TEXTURE_2D_ARRAY, this.layers(name, group));
    gl.activeTexture(gl.TEXTURE1);
    gl.bindTexture(gl.TEXTURE_2D, this.table(first.tile.kind, theme));
    gl.uniform1i(gl.getUniformLocation(program, "resting"), diverges(first.tile.kind) ? 128 : 1);
    const numbers = new Float32Array(group.length * FLOATS);
    group.forEach((placement, layer) => numbers.set(instance(placement, layer, ratio), layer * FLOATS));
    gl.bindBuffer(gl.ARRAY_BUFFER, this.instances);
    gl.bufferData(gl.ARRAY_BUFFER, numbers, gl.DYNAMIC_DRAW);
    gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, group.length);
  }

  /** The texture array of a group's maps, uploaded again only when one of them has changed. */
  private layers(name: string, group: readonly Placement[]): WebGLTexture {
    const { gl } = this;
    const signature = group.map(({ key }) => key).join(" ");
    const present = this.arrays.get(name);
    if (present?.signature === signature) return present.texture;
    if (present) gl.deleteTexture(present.texture);
    const texture = gl.createTexture();
    gl.bindTexture(gl.TEXTURE_2D_ARRAY, texture);
    nearest(gl, gl.TEXTURE_2D_ARRAY);
    const { rows, columns } = group[0]?.tile ?? { rows: 1, columns: 1 };
    gl.texStorage3D(gl.TEXTURE_2D_ARRAY, 1, gl.R8UI, columns, rows, group.length);
    group.forEach(({ tile }, layer) => {
      gl.texSubImage3D(
        gl.TEXTURE_2D_ARRAY,
        0,
        0,
        0,
        layer,
        columns,
        rows,
        1,
        gl.RED_INTEGER,
        gl.UNSIGNED_BYTE,
        tile.bytes,
      );
    });
    this.arrays.set(name, { texture, signature });
    return texture;
  }

  private table(kind: TableKind, theme: Theme): WebGLTexture {
    const { gl } = this;
    const name = `${theme} ${kind}`;
    let texture = this.tables.get(name);
    if (!texture) {
      const entries = new Uint8Array((ENTRIES + 1) * 3);
      entries.set(colourTable(kind, theme));
      entries.set(NOT_FINITE[theme], ENTRIES * 3);
      texture = gl.createTexture();
      gl.bindTexture(gl.TEXTURE_2D, texture);
      nearest(gl, gl.TEXTURE_2D);
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGB8, ENTRIES + 1, 1, 0, gl.RGB, gl.UNSIGNED_BYTE, entries);
      this.tables.set(name, texture);
    }
    return texture;
  }

  /** What is not drawn any more is kept a while: people scroll back. */
  private dropOthers(groups: ReadonlyMap<string, unknown>): void {
    for (const [name, { texture }] of this.arrays) {
      if (this.arrays.size <= MOST_ARRAYS) return;
      if (groups.has(name)) continue;
      this.gl.deleteTexture(texture);
      this.arrays.delete(name);
    }
  }
}

/** Placements by node, kind and size of map, at most as many as a texture array has layers. */
export function grouped(placements: readonly Placement[]): Map<string, Placement[]> {
  const groups = new Map<string, Placement[]>();
  const counts = new Map<string, number>();
  for (const placement of placements) {
    const { rows, columns, kind } = placement.tile;
    const base = `${placement.key.split("#")[0]} ${kind} ${rows}×${columns}`;
    const count = counts.get(base) ?? 0;
    counts.set(base, count + 1);
    const name = `${base} ${Math.floor(count / MOST_LAYERS)}`;
    const group = groups.get(name);
    if (group) group.push(placement);
    else groups.set(name, [placement]);
  }
  return groups;
}

/** Where a tile goes, and what takes its bytes to their place in the range that is shown. */
function instance(placement: Placement, layer: number, ratio: number): number[] {
  const { tile, shown, alpha } = placement;
  const { x, y, width, height } = drawnBox(tile, placement, ratio);
  const span = shown[1] - shown[0];
  const factor = span > 0 ? (tile.own[1] - tile.own[0]) / span : 0;
  const addend = span > 0 ? (tile.own[0] - shown[0]) / span : diverges(tile.kind) ? 0.5 : 0;
  return [x, y, width, height, layer, factor, addend, alpha];
}

function nearest(gl: WebGL2RenderingContext, target: number): void {
  gl.texParameteri(target, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
  gl.texParameteri(target, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
  gl.texParameteri(target, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE);
  gl.texParameteri(target, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE);
}

function link(gl: WebGL2RenderingContext): WebGLProgram {
  const program = gl.createProgram();
  for (const [type, source] of [
    [gl.VERTEX_SHADER, VERTEX],
    [gl.FRAGMENT_SHADER, FRAGMENT],
  ] as const) {
    const shader = gl.createShader(type);
    if (!shader) continue;
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost()) {
    throw new Error(`The tiles' shaders do not link: ${gl.getProgramInfoLog(program) ?? ""}`);
  }
  return program;
}
