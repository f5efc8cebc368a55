/** The third step: what every row would give, before any of it is made. */
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { PAGE_LIMIT_MAX } from '../../../shared/limits.ts';
import type { CheckView, Finding, Severity } from '../../../shared/schemas/checkApi.ts';
import type { CheckSummary } from '../../../shared/schemas/checks.ts';
import { ApiError } from '../../../client/errors.ts';
import { useApp } from '../../app/app.ts';
import { saveInTime } from '../../app/download.ts';
import { useDoing, useHere, useLoad } from '../../app/hooks.ts';
import { changeParams, parseRoute } from '../../app/router.ts';
import { Button, ErrorNote, Figure, InEnglish, Loading, Note, Told } from '../../parts/basics.tsx';
import { Icon } from '../../parts/icons.tsx';
import { hrefOfStep, orderOf, paramsOf, type Draft } from './draft.ts';
import { faultsOfRows, SEVERITIES, type RowFaults } from './findings.ts';
import { RowsTable } from './rowsTable.tsx';
import { Samples } from './samples.tsx';
import { untilDone } from './untilDone.ts';
import { useGone } from './unusable.ts';
import type { StepProps } from './stepProps.ts';

export function CheckStep({ draft, onUnusable }: StepProps): JSX.Element {
  const { client } = useApp();
  const begun = useDoing();
  useGone(begun.error, draft, onUnusable);
  const isHere = useHere();
  const latest = useRef(draft);
  latest.current = draft;
  const begin = () =>
    void begun.run(async () => {
      for (;;) {
        const order = orderOf(latest.current);
        const { checkId } = await client.createCheck({ body: order });
        if (!isHere()) return;
        // What was ordered otherwise meanwhile is to be checked, not what was before.
        if (JSON.stringify(orderOf(latest.current)) !== JSON.stringify(order)) continue;
        changeParams(paramsOf({ check: checkId }));
        return;
      }
    });
  useEffect(() => {
    if (draft.check === undefined) begin();
  }, [draft.check]);
  return (
    <>
      {draft.check === undefined ? (
        begun.error === undefined ? (
          <Running />
        ) : (
          <ErrorNote error={begun.error} onRetry={begin} />
        )
      ) : (
        <Check key={draft.check} draft={draft} checkId={draft.check} />
      )}
      {draft.template !== undefined && <Samples draft={draft} />}
    </>
  );
}

function Running(): JSX.Element {
  const { check: words } = useApp().texts;
  return (
    <div class="card running" role="status">
      <span class="spinner" aria-hidden="true" />
      <p>
        {words.running} <span class="hint">{words.runningHint}</span>
      </p>
    </div>
  );
}

function Check({
  draft,
  checkId,
}: {
  readonly draft: Draft;
  readonly checkId: string;
}): JSX.Element {
  const { texts, client } = useApp();
  const words = texts.check;
  const again = () => changeParams(paramsOf({ check: undefined }));
  const { data, error, reload } = useLoad(
    (signal) =>
      untilDone(
        () => client.getCheck({ checkId }, { signal }),
        ({ status }) => status !== 'checking',
        signal,
      ),
    [checkId],
  );
  useEffect(() => {
    // Checks are removed after a while; the order is in the address, so another one is made.
    if (error instanceof ApiError && error.status === 404) again();
  }, [error]);
  if (error !== undefined) return <ErrorNote error={error} onRetry={reload} />;
  if (!data) return <Running />;
  if (data.status === 'failed') {
    return (
      <Note kind="error" title={words.failed}>
        <p>
          <InEnglish>{data.error?.message}</InEnglish>
        </p>
        <Button icon="retry" onClick={again}>
          {words.again}
        </Button>
      </Note>
    );
  }
  const faults = faultsOfRows(data.findings);
  return (
    <>
      {data.summary && <Summary summary={data.summary} />}
      <Findings check={data} onAgain={again} />
      {draft.data !== undefined && faults.rows.size > 0 && (
        <FaultyRows faults={faults} dataSourceId={draft.data} />
      )}
    </>
  );
}

function Summary({ summary }: { readonly summary: CheckSummary }): JSX.Element {
  const { texts, formats } = useApp();
  const words = texts.check;
  const { rows, documents, estimate } = summary;
  return (
    <section class="card" aria-label={words.summary(rows)}>
      <dl class="figures">
        <Figure label={words.documents}>
          {formats.number(documents)} <small>{words.summary(rows)}</small>
        </Figure>
        <Figure label={words.time}>
          {estimate.seconds >= 1 && words.about} {formats.duration(estimate.seconds)}
        </Figure>
        <Figure label={words.size}>
          {words.about} {formats.bytes(estimate.bytes)}
        </Figure>
        <Figure label={words.money} title={words.moneyHint}>
          {words.about} {formats.money(estimate.costUsd)} <small>{words.moneyHint}</small>
        </Figure>
      </dl>
    </section>
  );
}

const ICONS = { error: 'cross', warning: 'warning', info: 'info' } as const;

/** What was found, by how grave it is. */
function Findings({
  check,
  onAgain,
}: {
  readonly check: CheckView;
  readonly onAgain: () => void;
}): JSX.Element {
  const { texts, client } = useApp();
  const words = texts.check;
  const report = useDoing();
  const { findings, checkId } = check;
  const count: Readonly<Record<Severity, (count: number) => string>> = {
    error: words.errors,
    warning: words.warnings,
    info: words.infos,
  };
  const groups = SEVERITIES.map((severity) => ({
    severity,
    found: findings.filter((finding) => finding.severity === severity),
  })).filter(({ found }) => found.length > 0);
  return (
    <section class="card" aria-label={words.findings}>
      <div role="status">{findings.length === 0 && <Note kind="done" title={words.clean} />}</div>
      {groups.map(({ severity, found }) => (
        <section key={severity} class={`severity ${severity}`}>
          <h3>
            <Icon name={ICONS[severity]} /> {count[severity](found.length)}
            <small> · {words.severitySays[severity]}</small>
          </h3>
          <ul>
            {found.map((finding) => (
              <FindingLine
                key={`${finding.code} ${finding.tag} ${finding.column}`}
                finding={finding}
              />
            ))}
          </ul>
        </section>
      ))}
      {findings.some(({ suggestion = '' }) => isOfMapping(suggestion)) && (
        <p class="hint">
          {words.mapping}{' '}
          <a href={hrefOfStep(parseRoute(location.hash), 'data')}>{words.toMapping}</a>
        </p>
      )}
      <div class="actions">
        {findings.length > 0 && (
          <Button
            icon="download"
            isBusy={report.isBusy}
            title={words.reportHint}
            onClick={() =>
              void report.run(() => saveInTime(() => client.downloadCheckReport({ checkId })))
            }
          >
            {report.isBusy ? words.reportWait : words.report}
          </Button>
        )}
        <Button icon="retry" onClick={onAgain}>
          {words.again}
        </Button>
      </div>
      <ErrorNote error={report.error} />
    </section>
  );
}

/** What the API calls mapping is chosen in a step of its own here: told once, with the way there. */
const isOfMapping = (suggestion: string) => suggestion.includes('options.mapping');

function FindingLine({ finding }: { readonly finding: Finding }): JSX.Element {
  const { texts, formats } = useApp();
  const words = texts.check;
  const { code, tag, column, count, firstRows, detail, suggestion } = finding;
  return (
    <li>
      <p>
        <Told code={texts.reasons.findings[code]} about={[tag && `{${tag}}`, column]}>
          {detail}
        </Told>
      </p>
      {suggestion !== undefined && !isOfMapping(suggestion) && (
        <p class="hint">
          <InEnglish>{suggestion}</InEnglish>
        </p>
      )}
      {count > 0 && (
        <p class="hint">
          {words.inRows(count)}
          {firstRows.length > 0 &&
            `${texts.signs.colon}${words.rowsFirst(formats.list(firstRows.map(String)))}`}
          {firstRows.length > 0 && firstRows.length < count && ` ${words.andMore}`}
        </p>
      )}
    </li>
  );
}

/** The rows that the findings name, or the first of all, with their faults where they are. */
function FaultyRows({
  faults,
  dataSourceId,
}: {
  readonly faults: RowFaults;
  readonly dataSourceId: string;
}): JSX.Element | null {
  const { texts, client } = useApp();
  const words = texts.check;
  const [isFaultyOnly, setFaultyOnly] = useState(true);
  // The gravest were found first.
  const named = [...faults.rows].slice(0, PAGE_LIMIT_MAX).join(',');
  const { data, error, reload } = useLoad(
    async (signal) => {
      const query = { dataSourceId, limit: PAGE_LIMIT_MAX, ...(isFaultyOnly && { rows: named }) };
      const [source, rows] = await Promise.all([
        client.getDataSource({ dataSourceId }, { signal }),
        client.previewRows(query, { signal }),
      ]);
      const says = isFaultyOnly ? words.rowsFaulty : words.rowsFrom;
      return { columns: source.columns ?? [], rows: rows.data, says };
    },
    [dataSourceId, isFaultyOnly, named],
  );
  return (
    <section class="card" aria-labelledby="faulty">
      <div class="heading">
        <h3 id="faulty">{words.rowsTitle}</h3>
        <label class="tick">
          <input
            type="checkbox"
            checked={isFaultyOnly}
            onChange={({ currentTarget }) => setFaultyOnly(currentTarget.checked)}
          />
          <span>{words.onlyFaulty}</span>
        </label>
      </div>
      <ErrorNote error={error} onRetry={reload} />
      {!data && error === undefined && <Loading />}
      {data && (
        <>
          <RowsTable
            rows={data.rows}
            columns={data.columns}
            label={words.rowsTitle}
            faultOf={faults.faultOf}
          />
          <p class="hint">{data.says(data.rows.length)}</p>
        </>
      )}
    </section>
  );
}
