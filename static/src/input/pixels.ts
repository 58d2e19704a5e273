/** The pixels of a picture that the server has. */
export async function pixelsOf(address: string): Promise<ImageData> {
  const picture = new Image();
  picture.src = address;
  await picture.decode();
  const { naturalWidth: columns, naturalHeight: rows } = picture;
  const canvas = new OffscreenCanvas(columns, rows).getContext("2d");
  canvas?.drawImage(picture, 0, 0);
  return canvas?.getImageData(0, 0, columns, rows) ?? new ImageData(columns, rows);
}
