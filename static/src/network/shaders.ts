/** The two programs that draw a tile: a quad, and the colour of the map's value at each of its pixels. */

export const VERTEX = `#version 300 es
in vec2 corner;
in vec4 box;        // x, y, width, height, in device pixels
in vec4 look;       // layer, byte → position in the range: factor and addend; alpha
uniform vec2 size;
out vec2 inside;
flat out vec4 looked;
flat out vec2 drawn; // width, height

void main() {
  vec2 place = (box.xy + corner * box.zw) / size * 2.0 - 1.0;
  gl_Position = vec4(place.x, -place.y, 0.0, 1.0);
  inside = corner * box.zw;
  looked = look;
  drawn = box.zw;
}`;

export const FRAGMENT = `#version 300 es
precision highp float;
precision highp int;
precision highp usampler2DArray;
uniform usampler2DArray maps;
uniform sampler2D colours;  // 255 entries of one kind's table, then the colour of what is not finite
uniform int resting;        // the byte that means zero
in vec2 inside;
flat in vec4 looked;
flat in vec2 drawn;
out vec4 colour;

// The pixels of the map that one pixel of the screen covers: one, unless the map is made smaller.
ivec2 covered(float place, int pixels, float side) {
  float share = float(pixels) / side;
  if (share <= 1.0) {
    int pixel = min(int((floor(place) + 0.5) * share), pixels - 1);
    return ivec2(pixel, pixel);
  }
  int first = int(floor(floor(place) * share));
  int last = int(ceil((floor(place) + 1.0) * share)) - 1;
  return ivec2(first, min(max(first, last), pixels - 1));
}

void main() {
  ivec3 size = textureSize(maps, 0);
  ivec2 columns = covered(inside.x, size.x, drawn.x);
  ivec2 rows = covered(inside.y, size.y, drawn.y);
  int kept = resting;
  bool finite = true;
  for (int row = rows.x; row <= rows.y; row++) {
    for (int column = columns.x; column <= columns.y; column++) {
      int value = int(texelFetch(maps, ivec3(column, row, int(looked.x)), 0).r);
      if (value == 0) finite = false;
      if (abs(value - resting) > abs(kept - resting)) kept = value;
    }
  }
  float position = clamp(float(kept - 1) / 254.0 * looked.y + looked.z, 0.0, 1.0);
  int entry = finite ? int(floor(position * 254.0 + 0.5)) : 255;
  colour = vec4(texelFetch(colours, ivec2(entry, 0), 0).rgb, 1.0) * looked.w;
}`;
