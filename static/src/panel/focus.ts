/** Where the focus goes when the panel shows something else: whoever works with the keys never loses their place. */

/**
 * Whether the focus is lost, or stands outside of the panel at something that was opened by a key. A dialog that leads
 * through the page keeps it.
 */
export function wanders(panel: HTMLElement, opening: boolean): boolean {
  const active = document.activeElement;
  if (!active || active === document.body) return !opening;
  return !panel.contains(active) && active.matches(":focus-visible") && !active.closest("[role=dialog]");
}

/** Gives the focus back to what had it before the panel opened. */
export function giveBack(origin: Element | null): void {
  const lost = !document.activeElement || document.activeElement === document.body;
  if (lost && origin instanceof HTMLElement && origin.isConnected) origin.focus({ preventScroll: true });
}
