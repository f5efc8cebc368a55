/** Who it is: by an API key. */
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { createClient } from '../../client/client.ts';
import { useCommon } from '../app/app.ts';
import { isRefused } from '../app/refused.ts';
import { startSession, type Session } from '../app/session.ts';
import { Button, ErrorNote, Field, Note } from '../parts/basics.tsx';
import { LANGUAGE_NAMES, LANGUAGES } from '../texts/languages.ts';

export function SignIn({
  apiUrl,
  wasRefused,
  onSession,
}: {
  readonly apiUrl: string;
  /** Whether somebody was signed out because the key is not accepted any more. */
  readonly wasRefused: boolean;
  readonly onSession: (session: Session) => void;
}): JSX.Element {
  const { texts, preferences, setPreferences } = useCommon();
  const [key, setKey] = useState('');
  const [isRemembered, setRemembered] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [fault, setFault] = useState<string>();
  const [error, setError] = useState<unknown>();
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    document.title = `${texts.signIn.title} · Sheaf`;
    field.current?.focus();
  }, []);

  const submit = async () => {
    const apiKey = key.trim();
    setError(undefined);
    setFault(apiKey === '' ? texts.signIn.missing : undefined);
    field.current?.focus();
    if (apiKey === '' || isBusy) return;
    setBusy(true);
    try {
      await createClient({ apiUrl, apiKey }).getUsage();
      onSession(startSession(apiKey, isRemembered));
    } catch (caught) {
      setBusy(false);
      if (isRefused(caught)) setFault(texts.signIn.wrong);
      else setError(caught);
    }
  };

  return (
    <main class="sign-in">
      <div class="card">
        <img src="icon.svg" alt="" width="48" height="48" />
        <h1>Sheaf</h1>
        <p class="lead">{texts.signIn.lead}</p>
        {wasRefused && <Note kind="warning" title={texts.signIn.ended} />}
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void submit();
          }}
        >
          <Field label={texts.signIn.key} hint={texts.signIn.hint} fault={fault}>
            {(ids) => (
              <input
                {...ids}
                ref={field}
                type="password"
                name="key"
                autocomplete="current-password"
                spellcheck={false}
                value={key}
                onInput={({ currentTarget }) => setKey(currentTarget.value)}
              />
            )}
          </Field>
          <label class="tick">
            <input
              type="checkbox"
              checked={isRemembered}
              onChange={({ currentTarget }) => setRemembered(currentTarget.checked)}
            />
            <span>
              {texts.signIn.remember}
              <small>{texts.signIn.rememberHint}</small>
            </span>
          </label>
          <Button type="submit" kind="main" isBusy={isBusy}>
            {isBusy ? texts.signIn.checking : texts.signIn.action}
          </Button>
        </form>
        <ErrorNote error={error} />
        <p class="languages">
          {LANGUAGES.map((language) => (
            <button
              key={language}
              type="button"
              class="link"
              lang={language}
              aria-pressed={language === preferences.language}
              onClick={() => setPreferences({ ...preferences, language })}
            >
              {LANGUAGE_NAMES[language]}
            </button>
          ))}
        </p>
      </div>
    </main>
  );
}
