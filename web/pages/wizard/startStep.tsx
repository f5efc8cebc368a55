/** The last step: what the documents are called, how they are made, and when. */
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { MAX_CONCURRENCY, TASK_RETENTION_DAYS_MAX } from '../../../shared/limits.ts';
import { parseRowSpans } from '../../../shared/selection/rowSpans.ts';
import { rowsIn } from '../../../shared/selection/spans.ts';
import { useApp } from '../../app/app.ts';
import { useDoing, useHere, useLoad } from '../../app/hooks.ts';
import { isRefused } from '../../app/refused.ts';
import { changeParams, go } from '../../app/router.ts';
import { Button, Choice, CopyText, ErrorNote, Field, Loading } from '../../parts/basics.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { curlCommand, sheafCommand } from './commands.ts';
import { isoOf, mappingOf, paramsOf, taskOf, USUAL_NAMES, type Draft } from './draft.ts';
import { firstsOfGroups } from './groups.ts';
import type { LiveNames, NamesInput } from './liveNames.ts';
import { withoutEntries } from './matching.ts';
import { useGone } from './unusable.ts';
import type { StepProps } from './stepProps.ts';

const NAMED_ROWS = 3;
/** Of groups: the first ones are found among so many rows. */
const LOOKED_ROWS = 100;

/** What the step looks at: the template, the table and its first rows. */
function useOrdered({ template, data, group }: Draft) {
  const { client } = useApp();
  return useLoad(
    async (signal) => {
      const [templateId, dataSourceId] = [template ?? '', data ?? ''];
      const [view, source, rows] = await Promise.all([
        client.getTemplate({ templateId }, { signal }),
        client.getDataSource({ dataSourceId }, { signal }),
        client.previewRows(
          { dataSourceId, limit: group === undefined ? NAMED_ROWS : LOOKED_ROWS },
          { signal },
        ),
      ]);
      const firsts = group === undefined ? rows.data : firstsOfGroups(rows.data, group);
      return { template: view, source, rows: firsts.slice(0, NAMED_ROWS) };
    },
    [template, data, group],
  );
}
type Ordered = NonNullable<ReturnType<typeof useOrdered>['data']>;

export function StartStep({ draft, onUnusable, back }: StepProps): JSX.Element {
  const { data, error, reload } = useOrdered(draft);
  useGone(error, draft, onUnusable);
  if (data) {
    return <StartForm draft={draft} ordered={data} onUnusable={onUnusable} back={back} />;
  }
  return (
    <>
      {error === undefined ? <Loading /> : <ErrorNote error={error} onRetry={reload} />}
      <div class="ways-on">{back}</div>
    </>
  );
}

/** How many rows are chosen; all where the text names none. */
function countRows(text: string | undefined, rowCount: number): number {
  const parsed = text === undefined ? undefined : parseRowSpans(text, rowCount);
  if (!parsed || 'fault' in parsed) return rowCount;
  return rowsIn(parsed.spans);
}

const set = (change: Partial<Draft>): void => changeParams(paramsOf(change));
const orNothing = (text: string): string | undefined => (text.trim() === '' ? undefined : text);

function StartForm({
  draft,
  ordered,
  onUnusable,
  back,
}: StepProps & { readonly ordered: Ordered }): JSX.Element {
  const { texts, client, tell } = useApp();
  const words = texts.start;
  const doing = useDoing();
  const isHere = useHere();
  const [secret, setSecret] = useState<{ readonly text: string; readonly taskId: string }>();
  useGone(doing.error, draft, onUnusable);
  const startAt = isoOf(draft.at);
  const isPast =
    draft.when === 'later' && (startAt === undefined || Date.parse(startAt) <= Date.now());
  const [isTold, setTold] = useState(false);
  const submit = () => {
    setTold(isPast);
    if (isPast) return;
    void doing.run(async () => {
      const task = await client.createTask({ body: taskOf(draft) });
      if (!isHere()) tell(texts.actions.done.start);
      else if (task.webhookSecret === undefined) go(['tasks', task.taskId]);
      else setSecret({ text: task.webhookSecret, taskId: task.taskId });
    });
  };
  const { template, source } = ordered;
  const count = countRows(draft.rows, source.rowCount ?? 0);
  const action = {
    // How many groups there are shows when they are made.
    now:
      draft.group === undefined ? words.action(texts.counts.documents(count)) : texts.actions.start,
    later: words.schedule,
    never: words.create,
  }[draft.when];
  return (
    <form
      class="stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <div class="card stack">
        <Field label={words.name}>
          {(ids) => (
            <input
              {...ids}
              type="text"
              maxLength={200}
              placeholder={template.name}
              value={draft.name ?? ''}
              onInput={({ currentTarget }) => set({ name: orNothing(currentTarget.value) })}
            />
          )}
        </Field>
        <FileNames draft={draft} ordered={ordered} />
      </div>
      <div class="card stack">
        <Choice
          label={words.when}
          value={draft.when}
          options={[
            ['now', words.now],
            ['later', words.later],
            ['never', words.onlyCreate],
          ]}
          onChange={(when) => set({ when })}
        />
        {draft.when === 'later' && (
          <Field label={words.at} fault={isTold && isPast ? words.atPast : undefined}>
            {(ids) => (
              <input
                {...ids}
                type="datetime-local"
                value={draft.at ?? ''}
                onInput={({ currentTarget }) => set({ at: orNothing(currentTarget.value) })}
              />
            )}
          </Field>
        )}
        <Options draft={draft} />
      </div>
      <Commands draft={draft} ordered={ordered} />
      <ErrorNote error={doing.error} />
      <div class="ways-on">
        {back}
        <Button type="submit" kind="main" icon="play" isBusy={doing.isBusy}>
          {doing.isBusy ? words.starting : action}
        </Button>
      </div>
      {secret && (
        <Dialog
          title={words.secretTitle}
          onClose={() => go(['tasks', secret.taskId])}
          actions={
            <Button kind="main" onClick={() => go(['tasks', secret.taskId])}>
              {words.goToTask}
            </Button>
          }
        >
          <p>{words.secretText}</p>
          <CopyText text={secret.text} />
        </Dialog>
      )}
    </form>
  );
}

/** Names as they come out for the first rows; what makes them is loaded when it is needed. */
function useLiveNames(input: NamesInput): LiveNames | undefined {
  const { signOut } = useApp();
  const [shown, setShown] = useState<LiveNames>();
  const key = JSON.stringify([input.pattern, input.mapping]);
  useEffect(() => {
    let isOver = false;
    import('./liveNames.ts').then(
      ({ liveNames }) => {
        if (!isOver) setShown(liveNames(input));
      },
      (error: unknown) => {
        // An example is not worth a fault of the page.
        if (isRefused(error)) signOut(true);
      },
    );
    return () => {
      isOver = true;
    };
  }, [key]);
  return shown;
}

function FileNames({
  draft,
  ordered,
}: {
  readonly draft: Draft;
  readonly ordered: Ordered;
}): JSX.Element {
  const { texts } = useApp();
  const words = texts.start;
  const { template, source, rows } = ordered;
  const pattern = draft.file ?? USUAL_NAMES;
  const columns = source.columns ?? [];
  const live = useLiveNames({
    pattern,
    template: template.name,
    tags: template.tags ?? [],
    columns,
    mapping: mappingOf(draft),
    rows,
  });
  return (
    <div class="stack">
      <Field
        label={words.fileName}
        hint={words.fileNameHint}
        fault={live?.fault === undefined ? undefined : live.fault}
      >
        {(ids) => (
          <input
            {...ids}
            type="text"
            maxLength={200}
            spellcheck={false}
            value={pattern}
            onInput={({ currentTarget }) =>
              set({ file: currentTarget.value === USUAL_NAMES ? undefined : currentTarget.value })
            }
          />
        )}
      </Field>
      <div class="inserts" role="group" aria-label={words.insert}>
        {['row', 'template', ...withoutEntries(columns).slice(0, 24)].map((name) => (
          <button
            key={name}
            type="button"
            class="insert"
            onClick={() => set({ file: `${pattern}{${name}}` })}
          >
            {`{${name}}`}
          </button>
        ))}
      </div>
      {live?.names && (
        <section aria-label={words.fileNameLive} class="live-names">
          <h3>{words.fileNameLive}</h3>
          <ol>
            {live.names.map((name, i) => (
              <li key={rows[i]?.row ?? i}>
                <code>{name}</code>
              </li>
            ))}
          </ol>
        </section>
      )}
    </div>
  );
}

function NumberField({
  label,
  hint,
  value,
  most,
  onValue,
}: {
  readonly label: string;
  readonly hint?: ComponentChildren;
  readonly value: number;
  readonly most: number;
  readonly onValue: (value: number) => void;
}): JSX.Element {
  return (
    <Field label={label} hint={hint}>
      {(ids) => (
        <input
          {...ids}
          type="number"
          min="1"
          max={most}
          value={value}
          onChange={({ currentTarget }) => {
            const given = Math.round(currentTarget.valueAsNumber);
            const next = Number.isNaN(given) ? value : Math.min(most, Math.max(1, given));
            currentTarget.value = String(next);
            onValue(next);
          }}
        />
      )}
    </Field>
  );
}

function Options({ draft }: { readonly draft: Draft }): JSX.Element {
  const { texts } = useApp();
  const words = texts.start;
  return (
    <details class="more">
      <summary>{words.more}</summary>
      <div class="options">
        <NumberField
          label={words.concurrency}
          hint={words.concurrencyHint}
          value={draft.concurrency}
          most={MAX_CONCURRENCY}
          onValue={(concurrency) => set({ concurrency })}
        />
        <NumberField
          label={words.keepDays}
          value={draft.days}
          most={TASK_RETENTION_DAYS_MAX}
          onValue={(days) => set({ days })}
        />
        <Field label={words.rows} hint={words.rowsHint}>
          {(ids) => (
            <input
              {...ids}
              type="text"
              value={draft.rows ?? ''}
              onChange={({ currentTarget }) => set({ rows: orNothing(currentTarget.value) })}
            />
          )}
        </Field>
        <Field label={words.webhook} hint={words.webhookHint}>
          {(ids) => (
            <input
              {...ids}
              type="url"
              value={draft.webhook ?? ''}
              onInput={({ currentTarget }) => set({ webhook: orNothing(currentTarget.value) })}
            />
          )}
        </Field>
        <Choice
          label={words.order}
          value={draft.mode}
          options={[
            ['parallel', words.parallel],
            ['sequential', words.sequential],
          ]}
          onChange={(mode) => set({ mode })}
        />
        <Choice
          label={words.onError}
          value={draft.failed}
          options={[
            ['continue', words.continue],
            ['stop', words.stop],
          ]}
          onChange={(failed) => set({ failed })}
        />
        <Choice
          label={words.strict}
          value={draft.faulty}
          options={[
            ['warn', words.strictWarn],
            ['strict', words.strictStop],
          ]}
          onChange={(faulty) => set({ faulty })}
        />
        <Choice
          label={words.empty}
          value={draft.blank}
          options={[
            ['keep', words.keep],
            ['remove', words.removeParagraph],
          ]}
          onChange={(blank) => set({ blank })}
        />
      </div>
    </details>
  );
}

function Commands({
  draft,
  ordered,
}: {
  readonly draft: Draft;
  readonly ordered: Ordered;
}): JSX.Element {
  const { texts, client } = useApp();
  const words = texts.start;
  const { template, source } = ordered;
  const files = { template: template.fileName, data: source.fileName };
  return (
    <details class="card more">
      <summary>{words.commands}</summary>
      <p class="hint">{words.copyHint}</p>
      <h3>{words.copyCurl}</h3>
      <CopyText text={curlCommand(client.apiUrl, taskOf(draft))} />
      <h3>{words.copySheaf}</h3>
      <CopyText text={sheafCommand(draft, files, source.found?.sheet)} />
    </details>
  );
}
