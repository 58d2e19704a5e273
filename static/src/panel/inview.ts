/** Calls back when an element comes into sight, and again whenever there is something new to call. */

export function inView(element: Element, callback: (() => void) | null): { update: typeof watch; destroy: () => void } {
  let observer: IntersectionObserver | null = null;

  function watch(callback: (() => void) | null): void {
    observer?.disconnect();
    if (!callback) return;
    observer = new IntersectionObserver(([seen]) => seen?.isIntersecting && callback(), { threshold: 0.9 });
    observer.observe(element);
  }

  watch(callback);
  return { update: watch, destroy: () => observer?.disconnect() };
}
