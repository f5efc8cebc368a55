/** How the page looks and speaks: what was chosen, and the texts in that language which pages have asked for. */
import { useCallback, useRef, useState } from 'preact/hooks';
import { loadTexts } from '../texts/languages.ts';
import type { TextFile, Texts } from '../texts/texts.ts';
import type { Common } from './app.ts';
import { applyPreferences, keepPreferences, type Preferences } from './preferences.ts';

export interface Looks {
  readonly preferences: Preferences;
  readonly texts: Texts;
}

/** @param onFailure the texts of what was chosen cannot be loaded: it stays as it was */
export function useLooks(
  first: Looks,
  onFailure: (texts: Texts) => void,
): Looks & Pick<Common, 'setPreferences' | 'addTexts'> {
  const [looks, setLooks] = useState(first);
  const shown = useRef(looks);
  shown.current = looks;
  const chosen = useRef(first.preferences);
  const needed = useRef(new Set<TextFile>(['first']));

  /** Shows what is chosen, when all that it says is there: no page is in two languages. */
  const show = async (more: readonly TextFile[]): Promise<void> => {
    for (;;) {
      const preferences = chosen.current;
      const texts = await loadTexts(preferences.language, [...needed.current, ...more]);
      // Another language was chosen meanwhile.
      if (chosen.current !== preferences) continue;
      for (const file of more) needed.current.add(file);
      setLooks((before) =>
        before.preferences === preferences && before.texts === texts
          ? before
          : { preferences, texts },
      );
      return;
    }
  };
  const setPreferences = useCallback((next: Preferences) => {
    chosen.current = next;
    show([]).then(
      () => {
        keepPreferences(chosen.current);
        applyPreferences(chosen.current);
      },
      () => {
        if (chosen.current !== next) return;
        chosen.current = shown.current.preferences;
        // Drawn anew: what was clicked at shows the choice that did not come.
        setLooks((before) => ({ ...before }));
        onFailure(shown.current.texts);
      },
    );
  }, []);
  return { ...looks, setPreferences, addTexts: useCallback(show, []) };
}
