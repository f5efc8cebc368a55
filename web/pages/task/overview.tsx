/** How far a task is, what it gives, and how it was ordered. */
import type { ComponentChildren, JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { ResultsFormat } from '../../../shared/schemas/common.ts';
import type { TaskView } from '../../../shared/schemas/taskApi.ts';
import { isFinal } from '../../../shared/tasks/lifeCycle.ts';
import { useApp } from '../../app/app.ts';
import { save, saveInTime } from '../../app/download.ts';
import { useDoing, useLoad } from '../../app/hooks.ts';
import { useLater } from '../../app/later.ts';
import { Bar } from '../../parts/bar.tsx';
import { Button, ErrorNote, Figure, ListInEnglish, Note } from '../../parts/basics.tsx';
import type { LiveTask } from './live.ts';
import type { PartProps } from './part.ts';

/** Points that a line needs to say something. */
const FEWEST_POINTS = 4;

export function Overview({ live }: PartProps): JSX.Element {
  const { texts } = useApp();
  const { task } = live;
  const { warnings = [], check } = task;
  const faults = (check?.errors ?? 0) + (check?.warnings ?? 0);
  return (
    <div class="stack">
      <ProgressCard live={live} />
      {(warnings.length > 0 || faults > 0) && (
        <Note kind="warning" title={texts.task.warnings}>
          {check && faults > 0 && (
            <p>{texts.task.checked(check.errors ?? 0, check.warnings ?? 0)}</p>
          )}
          {warnings.length > 0 && <ListInEnglish sentences={warnings} />}
        </Note>
      )}
      <Downloads task={task} />
      <Details task={task} />
    </div>
  );
}

function ProgressCard({ live }: { readonly live: LiveTask }): JSX.Element {
  const { texts, formats } = useApp();
  const words = texts.task;
  const { task, rates } = live;
  const hasEnded = isFinal(task.status);
  const isRunning = task.status === 'running';
  const Chart = useLater(async () => (await import('../../parts/rateChart.tsx')).RateChart);
  const counts = { ...task, total: task.totalDocuments };
  const legend = [
    ['made', task.succeeded, texts.counts.made],
    ['failed', task.failed, texts.counts.failed],
    ['skipped', task.skipped, texts.counts.skipped],
    ['left', task.pending, texts.counts.left],
  ] as const;
  return (
    <section class="card" aria-labelledby="progress">
      <h2 id="progress">{words.progress}</h2>
      <Bar counts={counts} isLarge isMoving={isRunning} />
      <ul class="legend">
        {legend
          .filter(([tone, count]) => count > 0 || tone === 'made')
          .map(([tone, count, text]) => (
            <li key={tone}>
              <span class={`swatch ${tone}`} aria-hidden="true" />
              <strong>{formats.number(count)}</strong> {text}
            </li>
          ))}
      </ul>
      <dl class="figures">
        {hasEnded ? <EndFigures task={task} /> : <LiveFigures live={live} />}
        {live.calls && <CallFigures calls={live.calls} />}
      </dl>
      {Chart && rates.length >= FEWEST_POINTS && <Chart points={rates} />}
    </section>
  );
}

function LiveFigures({ live }: { readonly live: LiveTask }): JSX.Element {
  const { texts, formats } = useApp();
  const words = texts.task;
  const { task, ratePerSecond, etaSeconds } = live;
  return (
    <>
      <Figure label={words.stage}>{texts.stage[task.stage]}</Figure>
      {task.status === 'running' && (
        <>
          <Figure label={words.rate}>
            {ratePerSecond === undefined ? words.unknown : formats.rate(ratePerSecond)}
          </Figure>
          <Figure label={words.timeLeft}>
            {etaSeconds === null ? words.unknown : formats.duration(etaSeconds)}
          </Figure>
        </>
      )}
      {task.startAt !== null && (
        <Figure label={words.startsAt}>{formats.date(task.startAt)}</Figure>
      )}
    </>
  );
}

function EndFigures({ task }: { readonly task: TaskView }): JSX.Element | null {
  const { texts, formats } = useApp();
  const { startedAt, finishedAt, succeeded, failed } = task;
  if (startedAt === null || finishedAt === null) return null;
  const seconds = (Date.parse(finishedAt) - Date.parse(startedAt)) / 1000;
  const tried = succeeded + failed;
  return (
    <>
      <Figure label={texts.task.took}>{formats.duration(seconds)}</Figure>
      {/* Of a retry it is not known how many of them it made. */}
      {task.run === 1 && seconds > 0 && tried > 0 && (
        <Figure label={texts.task.average}>{formats.rate(tried / seconds)}</Figure>
      )}
    </>
  );
}

function CallFigures({ calls }: { readonly calls: NonNullable<LiveTask['calls']> }): JSX.Element {
  const { texts, formats } = useApp();
  const words = texts.task;
  return (
    <>
      <Figure label={words.calls}>
        {words.callsOf(formats.number(calls.called), formats.number(calls.total))}
      </Figure>
      {calls.failed > 0 && (
        <Figure label={words.callsFailed}>{formats.number(calls.failed)}</Figure>
      )}
      <Figure label={words.money} title={words.moneyHint}>
        {formats.money(calls.spentUsd)}
      </Figure>
    </>
  );
}

function Downloads({ task }: { readonly task: TaskView }): JSX.Element {
  const { texts, client } = useApp();
  const words = texts.task;
  const { taskId } = task;
  const zip = useDoing();
  const table = useDoing();
  const [format, setFormat] = useState<ResultsFormat>();
  const hasEnded = isFinal(task.status);
  const hasResults = hasEnded || task.status === 'paused';
  const formatNames = [
    ['xlsx', words.asXlsx],
    ['csv', words.asCsv],
    ['jsonl', words.asJsonl],
  ] as const;
  return (
    <section class="card" aria-labelledby="downloads">
      <h2 id="downloads">{words.downloads}</h2>
      <div class="downloads">
        <div>
          <Button
            kind="main"
            icon="download"
            isDisabled={!hasEnded || task.succeeded === 0}
            isBusy={zip.isBusy}
            onClick={() => void zip.run(async () => save(await client.downloadArchive({ taskId })))}
          >
            {words.zip}
          </Button>
          <p class="hint">{hasEnded ? words.zipHint : words.zipNone}</p>
        </div>
        {hasResults && (
          <div>
            <p>{words.resultsHint}</p>
            <div class="actions">
              {formatNames.map(([one, name]) => (
                <Button
                  key={one}
                  icon="table"
                  isBusy={table.isBusy && format === one}
                  isDisabled={table.isBusy && format !== one}
                  onClick={() => {
                    setFormat(one);
                    void table.run(() =>
                      saveInTime(() => client.downloadResults({ taskId, format: one })),
                    );
                  }}
                >
                  {name}
                </Button>
              ))}
            </div>
            <p class="hint" role="status">
              {table.isBusy && words.resultsWait}
            </p>
          </div>
        )}
      </div>
      <ErrorNote error={zip.error ?? table.error} />
    </section>
  );
}

function Details({ task }: { readonly task: TaskView }): JSX.Element {
  const { texts, formats } = useApp();
  const words = texts.task;
  const when = [
    [words.created, task.createdAt],
    [words.started, task.startedAt],
    [words.finished, task.finishedAt],
    [words.expires, task.expiresAt],
  ] as const;
  const names = useNames(task);
  const metadata = Object.entries(task.metadata);
  return (
    <section class="card" aria-labelledby="details">
      <h2 id="details">{words.details}</h2>
      <dl class="details">
        <Detail label={words.template}>{formats.list(names.templates)}</Detail>
        <Detail label={words.source}>{names.source}</Detail>
        <Detail label={words.fileName}>
          {task.fileName === '' ? words.fileNameNone : <code>{task.fileName}</code>}
        </Detail>
        {when.map(
          ([label, at]) =>
            at !== null && (
              <Detail key={label} label={label}>
                {formats.date(at)}
              </Detail>
            ),
        )}
        {task.run > 1 && <Detail label={words.run}>{formats.number(task.run)}</Detail>}
        {task.reused > 0 && <Detail label={words.reused}>{formats.number(task.reused)}</Detail>}
        {metadata.map(([name, value]) => (
          <Detail key={name} label={name}>
            {value}
          </Detail>
        ))}
      </dl>
      <h3>{words.options}</h3>
      <dl class="details">
        {optionsOf(task).map(([label, value]) => (
          <Detail key={label} label={label}>
            {value}
          </Detail>
        ))}
      </dl>
    </section>
  );

  function optionsOf({ options, mode }: TaskView): (readonly [string, ComponentChildren])[] {
    const all: (readonly [string, ComponentChildren])[] = [
      [words.mode, words.modes[mode]],
      [words.concurrency, formats.number(options.concurrency)],
      [words.onError, words.onErrors[options.onError]],
      [words.missingValue, words.missingValues[options.missingValue]],
      [words.onlyRows, options.rows],
      [words.filter, options.filter && <code>{options.filter}</code>],
      [words.groupBy, options.groupBy && <code>{options.groupBy}</code>],
      [words.budget, options.budgetUsd && formats.money(options.budgetUsd)],
      [words.maxFailures, options.maxFailures && formats.number(options.maxFailures)],
      [words.mapping, options.mapping && mappingText(options.mapping)],
    ];
    return all.filter(([, value]) => value !== undefined);
  }
}

const mappingText = (mapping: Readonly<Record<string, string>>) =>
  Object.entries(mapping)
    .map(([tag, column]) => `{${tag}} ← ${column}`)
    .join(', ');

const Detail = ({
  label,
  children,
}: {
  readonly label: string;
  readonly children: ComponentChildren;
}): JSX.Element => (
  <div>
    <dt dir="auto">{label}</dt>
    <dd dir="auto">{children}</dd>
  </div>
);

/** Names of the templates and of the table; either may have been deleted since. */
function useNames({ templateIds, dataSourceId }: TaskView) {
  const { texts, client } = useApp();
  const words = texts.task;
  const { data } = useLoad(
    async (signal) => {
      const gone = () => words.gone;
      const [source, ...templates] = await Promise.all([
        dataSourceId === null
          ? words.inline
          : client.getDataSource({ dataSourceId }, { signal }).then(({ name }) => name, gone),
        ...templateIds.map((templateId) =>
          client.getTemplate({ templateId }, { signal }).then(({ name }) => name, gone),
        ),
      ]);
      return { source, templates };
    },
    [templateIds.join(), dataSourceId, words],
  );
  return data ?? { source: '', templates: [] };
}
