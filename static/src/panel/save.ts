/** Saves what is on the page as files. */

/** How many times a picture is enlarged, so that its longer side has about this many pixels. */
const LARGE = 1024;

export function times(width: number, height: number): number {
  return Math.max(Math.round(LARGE / Math.max(width, height)), 1);
}

/** Hands a canvas to the browser as a PNG: at its true pixels, or each of them as a square. */
export function savePicture(canvas: HTMLCanvasElement, name: string, scale: number): void {
  const large = document.createElement("canvas");
  [large.width, large.height] = [canvas.width * scale, canvas.height * scale];
  const context = large.getContext("2d");
  if (!context) return;
  context.imageSmoothingEnabled = false;
  context.drawImage(canvas, 0, 0, large.width, large.height);
  large.toBlob((blob) => {
    if (blob) saveFile(blob, `${name}.png`);
  });
}

/** Hands a drawing to the browser. */
export function saveDrawing(svg: string, name: string): void {
  saveFile(new Blob([svg], { type: "image/svg+xml" }), `${name}.svg`);
}

function saveFile(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name.replaceAll(/[^\w.-]+/g, "_");
  link.click();
  // The browser reads the file after this turn.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
