/** What every part of the page has at hand. */
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { SheafClient } from '../../client/client.ts';
import type { TextFile, Texts } from '../texts/texts.ts';
import type { Formats } from '../texts/formats.ts';
import type { Preferences } from './preferences.ts';
import type { Session } from './session.ts';
import type { Voice } from './voice.ts';

export interface Common extends Voice {
  readonly texts: Texts;
  readonly formats: Formats;
  readonly preferences: Preferences;
  readonly setPreferences: (preferences: Preferences) => void;
  /**
   * Adds what these files hold to `texts`, in the language of then and of later.
   * @throws TypeError when one cannot be loaded
   */
  readonly addTexts: (files: readonly TextFile[]) => Promise<void>;
}

export interface App extends Common {
  readonly client: SheafClient;
  readonly session: Session;
  /** @param wasRefused whether the key is not accepted any more */
  readonly signOut: (wasRefused?: boolean) => void;
}

export const CommonContext = createContext<Common | undefined>(undefined);
export const AppContext = createContext<App | undefined>(undefined);

export function useCommon(): Common {
  const common = useContext(CommonContext);
  if (!common) throw new Error('Not within a page.');
  return common;
}

export function useApp(): App {
  const app = useContext(AppContext);
  if (!app) throw new Error('Not signed in.');
  return app;
}
