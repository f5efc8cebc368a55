/**
 * What is told to somebody, seen or heard: one place for all of it, so that no two parts of the page talk at once. A
 * sentence that is said again is a new element, as nothing is read of a text that stays the same.
 */

/** How long a notice shows, in ms: a failure longer, as something is to be done about it. */
const SHOWN_MS = { heard: 6_000, done: 6_000, failed: 12_000 };
/** More at a time cover the page, and nobody listens to the end. */
const MAX_AT_ONCE = 3;

export interface Voice {
  /** Says it to those who hear the page. */
  readonly announce: (text: string) => void;
  /** Shows it for some seconds, and says it. */
  readonly tell: (text: string, kind?: 'done' | 'failed') => void;
  /**
   * Speaks from within an element: one that is modal makes all others inert, and what is said there is neither heard nor
   * in sight.
   * @returns speaks again from where it did before
   */
  readonly enter: (element: HTMLElement) => () => void;
}

export function createVoice(home: HTMLElement): Voice {
  const spoken = document.createElement('div');
  spoken.id = 'announcements';
  spoken.className = 'notices';
  // Additions are read and nothing else: a status would be read anew as a whole.
  spoken.role = 'log';
  spoken.ariaLive = 'polite';
  home.append(spoken);
  const within: HTMLElement[] = [home];

  const say = (text: string, kind: keyof typeof SHOWN_MS) => {
    const sentence = document.createElement('p');
    sentence.className = kind === 'heard' ? 'visually-hidden' : `notice ${kind}`;
    sentence.textContent = text;
    spoken.append(sentence);
    while (spoken.childElementCount > MAX_AT_ONCE) spoken.firstElementChild?.remove();
    setTimeout(() => sentence.remove(), SHOWN_MS[kind]);
  };
  return {
    announce: (text) => say(text, 'heard'),
    tell: (text, kind = 'done') => say(text, kind),
    enter(element) {
      within.push(element);
      element.append(spoken);
      return () => {
        within.splice(within.lastIndexOf(element), 1);
        within.at(-1)?.append(spoken);
      };
    },
  };
}
