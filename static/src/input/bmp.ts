/** Uncompressed BMP: made at once, exact, and the quickest for the server to read. */

const HEADER = 54;

/** The file of a picture's red, green and blue; what is transparent was laid on something before. */
export function bmp({ width, height, data }: Pick<ImageData, "width" | "height" | "data">): Uint8Array<ArrayBuffer> {
  const row = (width * 3 + 3) & ~3;
  const file = new Uint8Array(HEADER + row * height);
  const view = new DataView(file.buffer);
  file.set([0x42, 0x4d]);
  view.setUint32(2, file.length, true);
  view.setUint32(10, HEADER, true);
  view.setUint32(14, 40, true);
  view.setInt32(18, width, true);
  // Negative: the first row is the uppermost.
  view.setInt32(22, -height, true);
  view.setUint16(26, 1, true);
  view.setUint16(28, 24, true);
  view.setUint32(34, row * height, true);
  for (let y = 0; y < height; y += 1) {
    let to = HEADER + y * row;
    for (let from = y * width * 4; from < (y + 1) * width * 4; from += 4) {
      file[to++] = data[from + 2] ?? 0;
      file[to++] = data[from + 1] ?? 0;
      file[to++] = data[from] ?? 0;
    }
  }
  return file;
}
