/** Charts and maps as SVG files that stand alone: with their title, scale and numbers. */

export interface Palette {
  ink: string;
  paper: string;
  /** Of bars and curves. */
  mark: string;
}

export interface Chart {
  title: string;
  width: number;
  height: number;
  /** What is drawn, in the chart's own coordinates. */
  marks: string;
  /** Under the left and the right end of the axis, or beside its upper and lower end. */
  below?: readonly [string, string];
  beside?: readonly [top: string, bottom: string];
}

const MARGIN = 12;
const LINE = 16;
const LABEL = 72;

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

function text(x: number, y: number, words: string, anchor = "start"): string {
  return `<text x="${x}" y="${y}" text-anchor="${anchor}">${escaped(words)}</text>`;
}

function document(width: number, height: number, title: string, body: string, { ink, paper }: Palette): string {
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" ` +
    `font-family="system-ui, sans-serif" font-size="12" fill="${ink}"><title>${escaped(title)}</title>` +
    `<rect width="${width}" height="${height}" fill="${paper}"/>${text(MARGIN, MARGIN + 10, title)}${body}</svg>\n`
  );
}

/** A chart under its title. */
export function chart({ title, width, height, marks, below, beside }: Chart, palette: Palette): string {
  const left = MARGIN + (beside ? LABEL : 0);
  const top = MARGIN + 2 * LINE;
  const [right, bottom] = [left + width, top + height];
  const labels = [
    ...(below ? [text(left, bottom + LINE, below[0]), text(right, bottom + LINE, below[1], "end")] : []),
    ...(beside ? [text(left - 8, top + 10, beside[0], "end"), text(left - 8, bottom, beside[1], "end")] : []),
  ].join("");
  const axes = `<path d="M${left} ${top}V${bottom}H${right}" fill="none" stroke="${palette.ink}" stroke-width="0.5"/>`;
  const drawn = `<g transform="translate(${left} ${top})" fill="${palette.mark}">${marks}</g>`;
  return document(right + MARGIN, bottom + LINE + MARGIN, title, drawn + axes + labels, palette);
}

export interface Legend {
  /** Colours from the smallest value to the largest. */
  colours: readonly string[];
  low: string;
  high: string;
}

/** A map or picture, each pixel a square, over the scale of its colours. */
export function map(
  title: string,
  picture: { address: string; rows: number; columns: number },
  legend: Legend | null,
  palette: Palette,
): string {
  const pixel = Math.max(Math.round(400 / Math.max(picture.rows, picture.columns)), 1);
  const [width, height] = [picture.columns * pixel, picture.rows * pixel];
  const top = MARGIN + 2 * LINE;
  const image =
    `<image x="${MARGIN}" y="${top}" width="${width}" height="${height}" preserveAspectRatio="none" ` +
    `style="image-rendering: pixelated" href="${picture.address}"/>`;
  const scale = legend ? scaleOf(legend, MARGIN, top + height + 10, width) : "";
  const below = legend ? 10 + 10 + LINE : 0;
  return document(Math.max(width, 240) + 2 * MARGIN, top + height + below + MARGIN, title, image + scale, palette);
}

function scaleOf({ colours, low, high }: Legend, x: number, y: number, width: number): string {
  const last = Math.max(colours.length - 1, 1);
  const stops = colours.map((colour, index) => `<stop offset="${index / last}" stop-color="${colour}"/>`).join("");
  return (
    `<defs><linearGradient id="scale">${stops}</linearGradient></defs>` +
    `<rect x="${x}" y="${y}" width="${width}" height="10" fill="url(#scale)"/>` +
    text(x, y + 10 + LINE, low) +
    text(x + width, y + 10 + LINE, high, "end")
  );
}
