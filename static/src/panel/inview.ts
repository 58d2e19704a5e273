/** Calls back when so large a share of an element comes into sight, and again whenever there is something new to call. */

interface Watched {
  callback: (() => void) | null;
  share?: number;
}

export function inView(element: Element, watched: Watched): { update: typeof watch; destroy: () => void } {
  let observer: IntersectionObserver | null = null;

  function watch({ callback, share = 0.9 }: Watched): void {
    observer?.disconnect();
    if (!callback) return;
    observer = new IntersectionObserver(([seen]) => seen?.isIntersecting && callback(), { threshold: share });
    observer.observe(element);
  }

  watch(watched);
  return { update: watch, destroy: () => observer?.disconnect() };
}
