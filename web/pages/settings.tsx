/** What was used, how the page looks, and who is signed in. */
import type { JSX } from 'preact';
import { useApp } from '../app/app.ts';
import { useLoad, useTitle } from '../app/hooks.ts';
import { THEMES } from '../app/preferences.ts';
import { Button, Choice, ErrorNote, Figure, Heading, Loading } from '../parts/basics.tsx';
import { LANGUAGE_NAMES, LANGUAGES } from '../texts/languages.ts';
import { WebhooksCard } from './webhooksCard.tsx';

export function Settings(): JSX.Element {
  const { texts } = useApp();
  useTitle(texts.settings.title);
  return (
    <>
      <Heading title={texts.settings.title} />
      <div class="stack">
        <UsageCard />
        <WebhooksCard />
        <LooksCard />
        <SessionCard />
      </div>
    </>
  );
}

function UsageCard(): JSX.Element {
  const { texts, formats, client } = useApp();
  const words = texts.settings;
  const { data: usage, error, reload } = useLoad((signal) => client.getUsage({}, { signal }), []);
  return (
    <section class="card" aria-labelledby="usage">
      <h2 id="usage">{words.usage}</h2>
      <ErrorNote error={error} onRetry={reload} />
      {usage && (
        <dl class="figures">
          <Figure label={words.running}>
            {formats.number(usage.tasksRunning)} <small>{words.limit(usage.taskLimit)}</small>
          </Figure>
          <Figure label={words.queued}>{formats.number(usage.tasksQueued)}</Figure>
          <Figure label={words.made}>
            {formats.number(usage.documents.used)}{' '}
            <small>
              {usage.documents.budget === null
                ? words.budgetNone
                : words.budgetOf(usage.documents.budget)}
            </small>
          </Figure>
          <Figure label={words.reserved}>{formats.number(usage.documents.reserved)}</Figure>
        </dl>
      )}
      {!usage && error === undefined && <Loading />}
    </section>
  );
}

function LooksCard(): JSX.Element {
  const { texts, preferences, setPreferences } = useApp();
  const words = texts.settings;
  return (
    <section class="card" aria-labelledby="looks">
      <h2 id="looks">{words.appearance}</h2>
      <div class="stack">
        <Choice
          label={words.language}
          value={preferences.language}
          options={LANGUAGES.map((language) => [language, LANGUAGE_NAMES[language]] as const)}
          onChange={(language) => setPreferences({ ...preferences, language })}
        />
        <Choice
          label={words.theme}
          value={preferences.theme}
          options={THEMES.map((theme) => [theme, words[theme]] as const)}
          onChange={(theme) => setPreferences({ ...preferences, theme })}
        />
      </div>
    </section>
  );
}

function SessionCard(): JSX.Element {
  const { texts, session, signOut } = useApp();
  const words = texts.settings;
  return (
    <section class="card" aria-labelledby="session">
      <h2 id="session">{words.session}</h2>
      <p>{session.isRemembered ? words.sessionKept : words.sessionTab}</p>
      <p class="card-end">
        <Button icon="out" onClick={() => signOut()}>
          {texts.app.signOut}
        </Button>
      </p>
    </section>
  );
}
