/**
 * Keeps a place for the keyboard. What has the focus may leave the page: a row that is deleted, the button that a
 * dialog was opened by. A browser then begins at the top again, and a screen reader says nothing of it.
 */

/** Whoever moves the focus on purpose has done so by then, in ms. */
const PATIENCE_MS = 50;

const HEADINGS = 'h1, h2, h3';

/** @returns an end to it */
export function keepFocus(page: Document): () => void {
  /** What had the focus last, with all that was around it then, from the inside out. */
  let path: readonly HTMLElement[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;

  const isLost = () => {
    const [last] = path;
    return last !== undefined && !last.isConnected && page.activeElement === page.body;
  };
  const onFocus = ({ target }: FocusEvent) => {
    path = target instanceof HTMLElement ? pathOf(target) : [];
  };
  // Who clicks beside everything wants nothing to have it.
  const onPointer = () => (path = []);
  const observer = new MutationObserver(() => {
    if (!isLost()) return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (isLost()) headingNear(path)?.focus({ preventScroll: true });
    }, PATIENCE_MS);
  });
  page.addEventListener('focusin', onFocus);
  page.addEventListener('pointerdown', onPointer);
  observer.observe(page.body, { childList: true, subtree: true });
  return () => {
    clearTimeout(timer);
    observer.disconnect();
    page.removeEventListener('focusin', onFocus);
    page.removeEventListener('pointerdown', onPointer);
  };
}

function pathOf(element: HTMLElement): readonly HTMLElement[] {
  const path = [element];
  for (let at = element.parentElement; at; at = at.parentElement) path.push(at);
  return path;
}

/** The first heading of the smallest part of the page that is still there and has one. */
function headingNear(path: readonly HTMLElement[]): HTMLElement | undefined {
  for (const around of path) {
    const heading = around.isConnected ? around.querySelector<HTMLElement>(HEADINGS) : null;
    if (!heading) continue;
    // Headings are no stops of the Tab key, but may be begun from.
    heading.tabIndex = -1;
    return heading;
  }
  return undefined;
}
