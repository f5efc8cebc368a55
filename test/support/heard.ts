/** What a screen reader says by itself of a page: what is added to its live regions. */
import type { Page } from 'playwright-core';

/** Listens from now on, until the page is loaded anew. @returns what was said so far, in order */
export async function hear(page: Page): Promise<() => Promise<readonly string[]>> {
  await page.evaluate(`
    window.heard = [];
    const LIVE = '[role=status], [role=alert], [role=log], [aria-live=polite], [aria-live=assertive]';
    const textOf = (node) => (node.innerText ?? node.data ?? '').trim();
    new MutationObserver((changes) => {
      const wholes = new Set();
      for (const { type, target, addedNodes } of changes) {
        const around = target instanceof Element ? target : target.parentElement;
        const region = around?.closest(LIVE);
        if (region?.role === 'log') {
          // What is moved with its region was said before.
          for (const node of addedNodes) window.heard.push(textOf(node));
        } else if (region) wholes.add(region);
        for (const node of addedNodes) {
          if (!(node instanceof Element)) continue;
          for (const alert of [node, ...node.querySelectorAll('*')]) {
            if (alert.matches('[role=alert]')) wholes.add(alert);
          }
        }
      }
      // A status is read as a whole.
      for (const region of wholes) window.heard.push(textOf(region));
      window.heard = window.heard.filter((text) => text !== '');
    }).observe(document.body, { childList: true, characterData: true, subtree: true });
  `);
  return () => page.evaluate<readonly string[]>('window.heard');
}
