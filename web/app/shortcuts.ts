/** Keys that lead somewhere: g and a letter, and a few by themselves. */
import { useEffect } from 'preact/hooks';
import { PLACES } from './places.ts';
import { go } from './router.ts';

/** How long after g. */
const PAUSE_MS = 1_500;

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

/** @param onHelp `?` was pressed */
export function useShortcuts(onHelp: () => void): void {
  useEffect(() => {
    let begun = 0;
    const listen = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (document.querySelector('dialog[open]')) return;
      const { key } = event;
      const isSecond = performance.now() - begun < PAUSE_MS;
      begun = 0;
      const [place] = PLACES.find(([, , letter]) => letter === key) ?? [];
      if (isSecond && place !== undefined) go([place]);
      else if (key === 'g') begun = performance.now();
      else if (key === 'n') go(['new']);
      else if (key === '?') onHelp();
      else if (key === '/') {
        const field = document.querySelector<HTMLInputElement>('input[type=search]');
        if (!field) return;
        event.preventDefault();
        field.focus();
      }
    };
    addEventListener('keydown', listen);
    return () => removeEventListener('keydown', listen);
  }, [onHelp]);
}
