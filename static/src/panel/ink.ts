/** Black or white, whichever reads better on a colour (WCAG's relative luminance). */

export function luminance(css: string): number {
  const [red = 0, green = 0, blue = 0] = (css.match(/\d+/g) ?? []).map((part) => {
    const share = Number(part) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

export function inkOn(css: string): string {
  const light = luminance(css) + 0.05;
  return 1.05 / light >= light / 0.05 ? "#ffffff" : "#000000";
}
