/** The page as a whole: language and theme, who is signed in, notices. */
import type { JSX } from 'preact';
import { useCallback, useEffect, useMemo, useState } from 'preact/hooks';
import { createClient } from '../../client/client.ts';
import { SignIn } from '../pages/signIn.tsx';
import { createFormats } from '../texts/formats.ts';
import { LOCALES, regionOf } from '../texts/languages.ts';
import { AppContext, CommonContext, type App, type Common } from './app.ts';
import { keepFocus } from './focusKeeper.ts';
import { useLooks, type Looks } from './looks.ts';
import { currentSession, endSession, isForgotten, type Session } from './session.ts';
import { Shell } from './shell.tsx';
import { createVoice } from './voice.ts';

export function Root({
  first,
  apiUrl,
}: {
  readonly first: Looks;
  readonly apiUrl: string;
}): JSX.Element {
  const [session, setSession] = useState<Session | undefined>(currentSession);
  const [wasRefused, setRefused] = useState(false);
  const voice = useMemo(() => createVoice(document.body), []);
  const { preferences, texts, setPreferences, addTexts } = useLooks(first, ({ app }) =>
    voice.tell(app.newVersion, 'failed'),
  );
  useEffect(() => keepFocus(document), []);
  const signOut = useCallback((refused = false) => {
    endSession();
    setRefused(refused);
    setSession(undefined);
  }, []);
  useEffect(() => {
    // A link with a key may be opened in a tab that shows the page already.
    const take = () => {
      const now = currentSession();
      setSession((before) => (before?.apiKey === now?.apiKey ? before : now));
    };
    // Who signs out means all tabs that were remembered.
    const look = () => {
      if (session !== undefined && isForgotten(session)) signOut();
    };
    addEventListener('hashchange', take);
    addEventListener('storage', look);
    return () => {
      removeEventListener('hashchange', take);
      removeEventListener('storage', look);
    };
  }, [session]);

  const common = useMemo<Common>(
    () => ({
      texts,
      formats: createFormats(
        LOCALES[preferences.language],
        texts,
        regionOf(preferences.language, navigator.languages),
      ),
      preferences,
      setPreferences,
      addTexts,
      ...voice,
    }),
    [texts, preferences],
  );
  const client = useMemo(
    () => session && createClient({ apiUrl, apiKey: session.apiKey }),
    [apiUrl, session?.apiKey],
  );
  const app = useMemo<App | undefined>(
    () => session && client && { ...common, client, session, signOut },
    [common, client, session],
  );

  return (
    <CommonContext.Provider value={common}>
      {app ? (
        <AppContext.Provider value={app}>
          <Shell key={app.session.apiKey} />
        </AppContext.Provider>
      ) : (
        <SignIn
          apiUrl={apiUrl}
          wasRefused={wasRefused}
          onSession={(started) => {
            setRefused(false);
            setSession(started);
          }}
        />
      )}
    </CommonContext.Provider>
  );
}
