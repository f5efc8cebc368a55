/** Where events of all tasks are sent to: added, tested, looked at, removed. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { PAGE_LIMIT_MAX } from '../../shared/limits.ts';
import type { AttemptView, EndpointView } from '../../shared/schemas/webhookApi.ts';
import { ENDING_EVENT_TYPES, WEBHOOK_EVENT_TYPES } from '../../shared/schemas/webhookEvents.ts';
import { useApp, type App } from '../app/app.ts';
import { useDoing, useLoad, useNow } from '../app/hooks.ts';
import {
  Button,
  Choice,
  CopyText,
  ErrorNote,
  Field,
  InEnglish,
  Loading,
  Note,
} from '../parts/basics.tsx';
import { Confirm, Dialog } from '../parts/dialog.tsx';
import { Icon } from '../parts/icons.tsx';
import { RecentDeliveries } from './recentDeliveries.tsx';

/** How long a test is waited for: its attempt ends after 15 s. */
const TEST_LOOKS = 20;
const TEST_LOOK_MS = 1_000;

export function WebhooksCard(): JSX.Element {
  const { texts, client, tell } = useApp();
  const words = texts.webhooks;
  const {
    data: endpoints,
    error,
    reload,
    set,
  } = useLoad(async (signal) => {
    const page = await client.listWebhookEndpoints({ limit: PAGE_LIMIT_MAX }, { signal });
    return page.data;
  }, []);
  const [isAdding, setAdding] = useState(false);
  const [typed, setTyped] = useState(NOTHING_TYPED);
  const [secret, setSecret] = useState<{ readonly url: string; readonly text: string }>();
  return (
    <section class="card" aria-labelledby="webhooks">
      <h2 id="webhooks">{words.title}</h2>
      <div class="stack">
        <p class="hint">{words.hint}</p>
        <ErrorNote error={error} onRetry={reload} />
        {!endpoints && error === undefined && <Loading />}
        {secret && (
          <Note kind="done" title={words.secretTitle}>
            <p>
              {words.secretText} <bdi>{secret.url}</bdi>
            </p>
            <CopyText text={secret.text} />
            <Button onClick={() => setSecret(undefined)}>{words.secretKept}</Button>
          </Note>
        )}
        {endpoints?.length === 0 && <p>{words.none}</p>}
        {endpoints && endpoints.length > 0 && (
          <ul class="endpoints">
            {endpoints.map((endpoint) => (
              <Endpoint
                key={endpoint.endpointId}
                endpoint={endpoint}
                onChange={(after) => {
                  const others = endpoints.flatMap((one) => {
                    if (one.endpointId !== endpoint.endpointId) return [one];
                    return after ? [after] : [];
                  });
                  set(others);
                }}
              />
            ))}
          </ul>
        )}
        <p>
          <Button icon="plus" onClick={() => setAdding(true)}>
            {words.add}
          </Button>
        </p>
      </div>
      {isAdding && (
        <Adding
          typed={typed}
          onTyped={setTyped}
          onClose={() => setAdding(false)}
          onAdded={({ secret: text, ...endpoint }) => {
            setAdding(false);
            setTyped(NOTHING_TYPED);
            setSecret({ url: endpoint.url, text });
            set([endpoint, ...(endpoints ?? [])]);
            tell(words.added);
          }}
        />
      )}
    </section>
  );
}

/** What is typed of an address to be: it stays when its dialog is closed by mistake. */
interface Typed {
  readonly url: string;
  readonly description: string;
  readonly events: 'ends' | 'all';
}
const NOTHING_TYPED: Typed = { url: '', description: '', events: 'ends' };

function Adding({
  typed,
  onTyped,
  onClose,
  onAdded,
}: {
  readonly typed: Typed;
  readonly onTyped: (typed: Typed) => void;
  readonly onClose: () => void;
  readonly onAdded: (endpoint: EndpointView & { readonly secret: string }) => void;
}): JSX.Element {
  const { texts, client } = useApp();
  const words = texts.webhooks;
  const { url, description, events } = typed;
  const [fault, setFault] = useState<string>();
  const doing = useDoing();
  const add = () => {
    if (!URL.canParse(url.trim())) {
      setFault(words.urlWrong);
      document.querySelector<HTMLInputElement>('dialog input[type=url]')?.focus();
      return;
    }
    setFault(undefined);
    void doing.run(async () => {
      const about = description.trim();
      const body = {
        url: url.trim(),
        ...(about !== '' && { description: about }),
        ...(events === 'all' && { events: [...WEBHOOK_EVENT_TYPES] }),
      };
      onAdded(await client.createWebhookEndpoint({ body }));
    });
  };
  return (
    <Dialog title={words.add} onClose={onClose}>
      <form
        class="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          add();
        }}
      >
        <Field label={words.url} hint={words.urlHint} fault={fault}>
          {(ids) => (
            <input
              {...ids}
              type="url"
              autoFocus
              autoComplete="off"
              spellcheck={false}
              value={url}
              onInput={({ currentTarget }) => onTyped({ ...typed, url: currentTarget.value })}
            />
          )}
        </Field>
        <Field label={words.description}>
          {(ids) => (
            <input
              {...ids}
              type="text"
              maxLength={200}
              value={description}
              onInput={({ currentTarget }) =>
                onTyped({ ...typed, description: currentTarget.value })
              }
            />
          )}
        </Field>
        <Choice
          label={words.events}
          value={events}
          options={[
            ['ends', words.ends],
            ['all', words.all],
          ]}
          onChange={(chosen) => onTyped({ ...typed, events: chosen })}
        />
        <ErrorNote error={doing.error} />
        <p>
          <Button type="submit" kind="main" isBusy={doing.isBusy}>
            {words.addAction}
          </Button>
        </p>
      </form>
    </Dialog>
  );
}

function Endpoint({
  endpoint,
  onChange,
}: {
  readonly endpoint: EndpointView;
  /** Told of the endpoint as it is now; undefined once it is removed. */
  readonly onChange: (endpoint: EndpointView | undefined) => void;
}): JSX.Element {
  const app = useApp();
  const { texts, client, tell } = app;
  const words = texts.webhooks;
  const { endpointId, url, events, description, status, lastTest } = endpoint;
  const testing = useDoing();
  const removing = useDoing();
  const [open, setOpen] = useState<'removal' | 'deliveries'>();
  const isAll = events.length === WEBHOOK_EVENT_TYPES.length;
  const isEnds =
    events.length === ENDING_EVENT_TYPES.length &&
    ENDING_EVENT_TYPES.every((type) => events.includes(type));
  const test = () =>
    void testing.run(async () => {
      await client.testWebhookEndpoint({ endpointId });
      const after = await tested(app, endpoint);
      if (!after) {
        tell(words.testSent);
        return;
      }
      onChange(after);
      if (after.lastTest?.delivered === true) tell(words.testDelivered);
      else tell(words.testFailed, 'failed');
    });
  const remove = () =>
    void removing.run(async () => {
      await client.deleteWebhookEndpoint({ endpointId });
      onChange(undefined);
      tell(texts.actions.done.remove);
    });
  return (
    <li class="endpoint">
      <p class="endpoint-url">
        <bdi>{url}</bdi>
      </p>
      <p class="hint">
        {description !== null && (
          <>
            <bdi>{description}</bdi>
            {' · '}
          </>
        )}
        <span title={events.join(', ')}>
          {isAll && words.all}
          {isEnds && words.ends}
          {!isAll && !isEnds && words.eventCount(events.length)}
        </span>
      </p>
      {status === 'gone' && <Note kind="warning">{words.gone}</Note>}
      {lastTest && <LastTest attempt={lastTest} />}
      <ErrorNote error={testing.error ?? removing.error} />
      <div class="actions">
        {status === 'active' && (
          <Button icon="bell" isBusy={testing.isBusy} onClick={test}>
            {words.test}
          </Button>
        )}
        <Button icon="clock" onClick={() => setOpen('deliveries')}>
          {words.recent}
        </Button>
        <Button
          icon="trash"
          isBusy={removing.isBusy}
          label={words.remove(url)}
          onClick={() => setOpen('removal')}
        >
          {texts.actions.remove}
        </Button>
      </div>
      {open === 'deliveries' && (
        <RecentDeliveries endpoint={endpoint} onClose={() => setOpen(undefined)} />
      )}
      {open === 'removal' && (
        <Confirm
          question={{
            title: words.removeTitle,
            text: words.removeText(url),
            action: texts.actions.remove,
            isDangerous: true,
            onConfirm: remove,
          }}
          onClose={() => setOpen(undefined)}
        />
      )}
    </li>
  );
}

/** The endpoint once its test was tried; undefined when that takes longer than anybody looks on. */
async function tested({ client }: App, before: EndpointView): Promise<EndpointView | undefined> {
  for (let look = 0; look < TEST_LOOKS; look++) {
    await new Promise((resolve) => setTimeout(resolve, TEST_LOOK_MS));
    const { data } = await client.listWebhookEndpoints({ limit: PAGE_LIMIT_MAX });
    const now = data.find(({ endpointId }) => endpointId === before.endpointId);
    if (now?.lastTest && now.lastTest.at !== before.lastTest?.at) return now;
  }
  return undefined;
}

function LastTest({ attempt }: { readonly attempt: AttemptView }): JSX.Element {
  const { texts, formats } = useApp();
  const words = texts.webhooks;
  const now = useNow(30_000);
  return (
    <p class={attempt.delivered ? 'hint' : 'hint fault'}>
      <Icon name={attempt.delivered ? 'check' : 'warning'} />{' '}
      {words.lastTest(
        attempt.delivered ? words.testDelivered : words.testFailed,
        formats.since(attempt.at, now),
      )}{' '}
      <InEnglish>{attempt.detail}</InEnglish>
    </p>
  );
}
