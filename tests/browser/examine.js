// What a person would see to be wrong on a page: one sentence for each finding. An expression: `examine()`.
() => {
  const found = new Set();
  const LAYERS = ".subject, aside, dialog, [role=dialog], [popover], .notices, header, footer";
  const PRESSED = "button, a[href], input, select, textarea, summary, [role=gridcell], [role=rowheader]";
  const [width, height] = [innerWidth, innerHeight];

  const layer = (element) => element.closest(LAYERS);
  const name = (element) => {
    const text = (element.getAttribute("aria-label") ?? element.textContent ?? "").trim().replace(/\s+/g, " ");
    const kind = typeof element.className === "string" ? element.className.split(" ")[0] : "";
    return `${element.localName}${kind && `.${kind}`} “${text.slice(0, 50)}”`;
  };
  const scrolls = (element) => {
    const { overflowX, overflowY } = getComputedStyle(element);
    return [overflowX, overflowY].some((way) => way === "auto" || way === "scroll");
  };
  const clips = (element) => {
    const { overflowX, clipPath } = getComputedStyle(element);
    return overflowX !== "visible" || clipPath !== "none";
  };
  function* ancestors(element) {
    for (let up = element.parentElement; up; up = up.parentElement) yield up;
  }
  const meet = (a, b) => {
    const [left, top] = [Math.max(a.left, b.left), Math.max(a.top, b.top)];
    const [right, bottom] = [Math.min(a.right, b.right), Math.min(a.bottom, b.bottom)];
    return { left, top, right, bottom, width: Math.max(0, right - left), height: Math.max(0, bottom - top) };
  };
  // What is left of a box where everything around it cuts its part off.
  const inSight = (element, box) => {
    let seen = meet(box, { left: 0, top: 0, right: width, bottom: height });
    for (const up of [element, ...ancestors(element)]) if (clips(up)) seen = meet(seen, up.getBoundingClientRect());
    return seen;
  };
  const shown = (element) =>
    element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && !element.closest(".unseen");

  // Text.
  const texts = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode;
    const element = text.parentElement;
    if (!text.data.trim() || !element || element.closest("math, script, style, noscript, option") || !shown(element)) continue;
    const range = document.createRange();
    range.selectNodeContents(text);
    for (const box of range.getClientRects()) if (box.width > 1 && box.height > 1) texts.push({ element, text, box });
  }
  for (const { element, box } of texts) {
    const whole = element.closest("[title], [aria-label]");
    for (const up of [element, ...ancestors(element)]) {
      if (scrolls(up)) break;
      const edge = up.getBoundingClientRect();
      const cut = clips(up) && edge.width > 1 && (box.right > edge.right + 2 || box.bottom > edge.bottom + 4);
      if (cut && !whole) found.add(`text is cut: ${name(element)}`);
    }
    const reachable = [...ancestors(element)].some(scrolls);
    if (!reachable && !whole && (box.right > width + 1 || box.left < -1)) found.add(`text is outside: ${name(element)}`);
  }
  const visible = texts
    .map((entry) => ({ ...entry, box: inSight(entry.element, entry.box), layer: layer(entry.element) }))
    .filter(({ element, box }) => {
      // The box of a name that stands aslant is larger than the name.
      if (box.width < 3 || box.height < 3 || element.closest(".aslant")) return false;
      const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
      return top === null || layer(top) === layer(element);
    })
    .sort((one, other) => one.box.top - other.box.top);
  visible.forEach((one, index) => {
    for (const other of visible.slice(index + 1)) {
      if (other.box.top >= one.box.bottom) break;
      if (one.text === other.text || one.layer !== other.layer) continue;
      const both = meet(one.box, other.box);
      const least = Math.min(one.box.height, other.box.height);
      if (both.width > 2 && both.height > 0.35 * least) {
        found.add(`texts overlap: ${name(one.element)} and ${name(other.element)}`);
      }
    }
  });

  // What can be pressed.
  const pressed = [...document.querySelectorAll(PRESSED)]
    .filter(shown)
    .flatMap((element) => {
      const box = inSight(element, element.getBoundingClientRect());
      return box.width > 3 && box.height > 3 ? [{ element, box }] : [];
    })
    .sort((one, other) => one.box.top - other.box.top);
  pressed.forEach(({ element, box }, index) => {
    for (const { element: other, box: place } of pressed.slice(index + 1)) {
      if (place.top >= box.bottom) break;
      if (layer(element) !== layer(other) || element.contains(other) || other.contains(element)) continue;
      if (element.labels?.length || other.labels?.length) continue;
      const both = meet(box, place);
      if (both.width > 3 && both.height > 3) found.add(`controls overlap: ${name(element)} and ${name(other)}`);
    }
  });

  // Canvases of the 2D context; the others cannot be read.
  for (const canvas of document.querySelectorAll("canvas")) {
    const box = inSight(canvas, canvas.getBoundingClientRect());
    if (!shown(canvas) || box.width < 8 || box.height < 8) continue;
    if (canvas.width === 0 || canvas.height === 0) found.add(`a canvas has no size: ${name(canvas.parentElement)}`);
    const context = canvas.width && canvas.height ? canvas.getContext("2d") : null;
    const pixels = context && new Uint32Array(context.getImageData(0, 0, canvas.width, canvas.height).data.buffer);
    if (pixels?.every((pixel) => pixel === 0)) found.add(`a canvas is empty: ${name(canvas.parentElement)}`);
  }

  const { scrollWidth } = document.documentElement;
  if (scrollWidth > width + 1) found.add(`the page is ${scrollWidth} pixels wide in a window of ${width}`);
  return [...found];
}
