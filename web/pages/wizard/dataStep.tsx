/** The second step: a table, how it was read, and which of its columns fills which tag. */
import type { JSX } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { PAGE_LIMIT_MAX } from '../../../shared/limits.ts';
import { GROUP_LIST } from '../../../shared/selection/groupList.ts';
import type { FoundReading, ReadingOptions } from '../../../shared/schemas/common.ts';
import type { DataSourceView, PreviewRow } from '../../../shared/schemas/dataSourceApi.ts';
import type { TemplateView } from '../../../shared/schemas/templateApi.ts';
import { useApp } from '../../app/app.ts';
import { saveInTime } from '../../app/download.ts';
import { useDoing, useHere, useLoad } from '../../app/hooks.ts';
import { readable } from '../../app/readable.ts';
import { changeParams } from '../../app/router.ts';
import {
  Button,
  Choice,
  ErrorNote,
  Field,
  ListInEnglish,
  Loading,
  Note,
  Told,
} from '../../parts/basics.tsx';
import { DropZone } from '../../parts/dropZone.tsx';
import { Chooser } from './chooser.tsx';
import { ColumnSelect } from './columnSelect.tsx';
import { mapOf, mappingOf, paramsOf, type Draft } from './draft.ts';
import { keepFile, keptFile } from './keptFiles.ts';
import { matchColumns, withoutEntries, type Match } from './matching.ts';
import { RowsTable, shownValue } from './rowsTable.tsx';
import { untilDone } from './untilDone.ts';
import { goneOf, useGone } from './unusable.ts';
import type { StepProps } from './stepProps.ts';

const FIRST_ROWS = 10;

export function DataStep({ draft, onUnusable }: StepProps): JSX.Element {
  return draft.data === undefined ? (
    <ChooseData templateId={draft.template} />
  ) : (
    <ChosenData draft={draft} dataSourceId={draft.data} onUnusable={onUnusable} />
  );
}

/** Uploads a table, and has it read. */
function useTable() {
  const { client } = useApp();
  const doing = useDoing();
  const isHere = useHere();
  const [file, setFile] = useState<File>();
  const take = (chosen: File, reading?: ReadingOptions) => {
    setFile(chosen);
    void doing.run(async () => {
      const { dataSourceId } = await readable(chosen, () =>
        client.uploadDataSource(chosen.name, chosen, { ...(reading && { reading }) }),
      );
      keepFile(dataSourceId, chosen);
      if (isHere()) changeParams(paramsOf({ data: dataSourceId }));
    });
  };
  return { doing, file, take };
}

function ChooseData({ templateId }: { readonly templateId: string | undefined }): JSX.Element {
  const { texts, client } = useApp();
  const words = texts.data;
  const { doing, file, take } = useTable();
  const sheet = useDoing();
  return (
    <div class="stack">
      <DropZone
        title={texts.drop.data}
        kinds={texts.drop.dataKinds}
        accept=".xlsx,.csv,.json,.jsonl,.gz"
        busy={doing.isBusy && file ? texts.drop.checking(file.name) : undefined}
        onFile={(chosen) => take(chosen)}
      />
      <ErrorNote error={doing.error} />
      {templateId !== undefined && (
        <div class="aside">
          <Button
            icon="download"
            isBusy={sheet.isBusy}
            onClick={() =>
              void sheet.run(() => saveInTime(() => client.downloadDataSheet({ templateId })))
            }
          >
            {words.dataSheet}
          </Button>
          <p class="hint">{words.dataSheetHint}</p>
          <ErrorNote error={sheet.error} />
        </div>
      )}
      <Chooser
        title={words.choose}
        searchLabel={words.search}
        icon="table"
        each={(signal) => client.each('listDataSources', { limit: PAGE_LIMIT_MAX }, { signal })}
        about={({ rowCount = 0 }) => words.rowCount(rowCount)}
        onChoose={({ dataSourceId }) => changeParams(paramsOf({ data: dataSourceId }))}
      />
    </div>
  );
}

function ChosenData({
  draft,
  dataSourceId,
  onUnusable,
}: Pick<StepProps, 'draft' | 'onUnusable'> & { readonly dataSourceId: string }): JSX.Element {
  const { texts, client } = useApp();
  const words = texts.data;
  const { data, error, reload } = useLoad(
    async (signal) => {
      const source = await untilDone(
        () => client.getDataSource({ dataSourceId }, { signal }),
        ({ status }) => status !== 'ingesting',
        signal,
      );
      const isReady = source.status === 'ready';
      const [rows, template] = await Promise.all([
        isReady ? client.previewRows({ dataSourceId, limit: FIRST_ROWS }, { signal }) : undefined,
        draft.template === undefined
          ? undefined
          : client.getTemplate({ templateId: draft.template }, { signal }),
      ]);
      return { source, rows: rows?.data ?? [], template };
    },
    [dataSourceId, draft.template],
  );
  useGone(error, draft, onUnusable);
  const isInvalid = data?.source.status === 'invalid';
  useEffect(() => {
    if (isInvalid) onUnusable(dataSourceId);
  }, [isInvalid]);
  if (goneOf(error) === 'data') {
    return (
      <>
        <Note kind="warning" title={words.deleted} />
        <ChooseData templateId={draft.template} />
      </>
    );
  }
  return (
    <>
      {!data && error === undefined && <Loading />}
      <ErrorNote error={error} onRetry={reload} />
      {data?.source.status === 'invalid' && <Invalid source={data.source} />}
      {data && <Reading key={dataSourceId} source={data.source} />}
      {data?.source.status === 'ready' && (
        <>
          <section class="card" aria-labelledby="first-rows">
            <h3 id="first-rows">{words.first}</h3>
            <RowsTable rows={data.rows} columns={data.source.columns ?? []} label={words.first} />
          </section>
          {data.template && (
            <MatchCard
              draft={draft}
              template={data.template}
              columns={data.source.columns ?? []}
              rows={data.rows}
            />
          )}
        </>
      )}
      <div class="actions">
        <Button icon="retry" onClick={() => changeParams(paramsOf({ data: undefined }))}>
          {words.another}
        </Button>
      </div>
    </>
  );
}

function Invalid({ source }: { readonly source: DataSourceView }): JSX.Element {
  const { texts, formats } = useApp();
  const words = texts.data;
  const { problems = [], problemCount = problems.length } = source;
  return (
    <Note kind="error" title={words.invalid}>
      <p>{words.problemCount(problemCount)}</p>
      <ol class="faults">
        {problems.map(({ code, line, row, column, cell, detail }) => {
          const places = [
            line !== undefined && `${words.where.line} ${line}`,
            row !== undefined && `${words.where.row} ${row}`,
            column !== undefined && `${words.where.column} ${column}`,
            cell !== undefined && `${words.where.cell} ${cell}`,
          ].filter((place) => typeof place === 'string');
          return (
            <li key={`${places.join()} ${detail}`}>
              <Told code={code && texts.reasons.problems[code]}>{detail}</Told>{' '}
              {places.length > 0 && <small>({formats.list(places)})</small>}
            </li>
          );
        })}
      </ol>
    </Note>
  );
}

const DELIMITERS = { ',': 'comma', ';': 'semicolon', '\t': 'tab', '|': 'pipe' } as const;
const isDelimiter = (text: string): text is keyof typeof DELIMITERS =>
  Object.hasOwn(DELIMITERS, text);

/** How it was read, and another way to read the same file. */
function Reading({ source }: { readonly source: DataSourceView }): JSX.Element {
  const { texts } = useApp();
  const words = texts.data;
  const { found = {}, sheets = [], columns = [], rowCount = 0, warnings = [] } = source;
  const file = keptFile(source.dataSourceId);
  const { doing, take } = useTable();
  const [sheet, setSheet] = useState(found.sheet ?? sheets[0]?.name);
  const [header, setHeader] = useState(
    found.headerRow === undefined ? '' : String(found.headerRow),
  );
  const [delimiter, setDelimiter] = useState(found.delimiter);
  const isTable =
    found.headerRow !== undefined || sheets.length > 0 || found.delimiter !== undefined;
  const again = () => {
    const row = Number(header);
    if (!file) return;
    take(file, {
      ...(sheet !== undefined && sheets.length > 0 && { sheet }),
      ...(Number.isInteger(row) && row >= 1 && { headerRow: row }),
      ...(delimiter !== undefined && { delimiter }),
    });
  };
  return (
    <section class="card" aria-labelledby="reading">
      <h3 id="reading" class="file-name" dir="auto">
        {source.fileName}
      </h3>
      {source.status === 'ready' && (
        <p class="hint">
          {words.rowCount(rowCount)} · {words.columnCount(columns.length)}
          {found.encoding !== undefined &&
            ` · ${words.encoding}${texts.signs.colon}${found.encoding}`}
        </p>
      )}
      <Lists found={found} />
      {warnings.length > 0 && (
        <Note kind="warning" title={texts.template.warnings}>
          <ListInEnglish sentences={warnings} />
        </Note>
      )}
      {isTable && (
        <form
          class="reading"
          aria-label={words.reading}
          onSubmit={(event) => {
            event.preventDefault();
            again();
          }}
        >
          {sheets.length > 0 && (
            <Field label={words.sheet}>
              {(ids) => (
                <select
                  {...ids}
                  value={sheet}
                  disabled={!file}
                  onChange={({ currentTarget }) => setSheet(currentTarget.value)}
                >
                  {sheets.map(({ name, hidden }) => (
                    <option key={name} value={name}>
                      {hidden ? words.hiddenSheet(name) : name}
                    </option>
                  ))}
                </select>
              )}
            </Field>
          )}
          <Field label={words.headerRow}>
            {(ids) => (
              <input
                {...ids}
                type="number"
                min="1"
                max="100"
                value={header}
                disabled={!file}
                onInput={({ currentTarget }) => setHeader(currentTarget.value)}
              />
            )}
          </Field>
          {delimiter !== undefined && (
            <Field label={words.delimiter}>
              {(ids) => (
                <select
                  {...ids}
                  value={delimiter}
                  disabled={!file}
                  onChange={({ currentTarget }) => setDelimiter(currentTarget.value)}
                >
                  {[...new Set([...Object.keys(DELIMITERS), delimiter])].map((one) => (
                    <option key={one} value={one}>
                      {isDelimiter(one) ? words.delimiterNames[DELIMITERS[one]] : one}
                    </option>
                  ))}
                </select>
              )}
            </Field>
          )}
          {file ? (
            <Button type="submit" icon="retry" isBusy={doing.isBusy}>
              {words.readAgain}
            </Button>
          ) : (
            <p class="hint">{words.readAgainHint}</p>
          )}
        </form>
      )}
      <ErrorNote error={doing.error} />
    </section>
  );
}

function Lists({ found }: { readonly found: FoundReading }): JSX.Element {
  const { texts } = useApp();
  return (
    <>
      {(found.lists ?? []).map(({ sheet, entries }) => (
        <p class="hint" key={sheet}>
          {texts.data.lists(entries, sheet)}
        </p>
      ))}
    </>
  );
}

function MatchCard({
  draft,
  template,
  columns,
  rows,
}: {
  readonly draft: Draft;
  readonly template: TemplateView;
  readonly columns: readonly string[];
  readonly rows: readonly PreviewRow[];
}): JSX.Element {
  const { texts, formats } = useApp();
  const words = texts.data;
  const mapping = mappingOf(draft);
  const { matches, unfilled, unused } = matchColumns(
    template.tags ?? [],
    columns,
    mapping,
    draft.group,
  );
  // Its list is one that no column is called like, unless rows are grouped.
  const wantsGroups = matches.some(({ name, isFilled }) => name === GROUP_LIST && !isFilled);
  const listed = useMemo(() => withoutEntries(columns), [columns]);
  const choose = (name: string, column: string) => {
    const others = Object.entries(mapping).filter(([tag]) => tag !== name);
    const pairs = column === '' ? others : [...others, [name, column] as const];
    changeParams(paramsOf({ map: mapOf(Object.fromEntries(pairs)) }));
  };
  const examples = (match: Match) => {
    const column = match.chosen ?? match.column ?? match.name;
    return rows
      .flatMap(({ values }) => shownValue(values, column) ?? [])
      .slice(0, 3)
      .join(', ');
  };
  return (
    <section class="card" aria-labelledby="match">
      <h3 id="match">{words.match}</h3>
      <p class="hint">{words.matchHint}</p>
      <Field
        label={words.group}
        hint={draft.group !== undefined || wantsGroups ? words.groupHint : undefined}
      >
        {(ids) => (
          <ColumnSelect
            ids={ids}
            none={words.groupRow}
            columns={listed}
            chosen={draft.group}
            onChoose={(column) => changeParams(paramsOf({ group: column || undefined }))}
          />
        )}
      </Field>
      <div role="status">
        {unfilled === 0 ? (
          <Note kind="done" title={words.allFilled} />
        ) : (
          <Note kind="warning" title={words.unfilled(unfilled)} />
        )}
      </div>
      <ul class="matches">
        {matches.map((match) => (
          <li key={match.name} class={match.isFilled || match.chosen !== undefined ? '' : 'open'}>
            <code>{`{${match.name}}`}</code>
            <div>
              <ColumnSelect
                label={words.columnFor(match.name)}
                none={match.isFilled ? words.bySelf(match.column ?? match.name) : words.nothing}
                columns={listed}
                chosen={match.chosen}
                onChoose={(column) => choose(match.name, column)}
              />
              {!match.isFilled &&
                match.chosen === undefined &&
                match.suggestions.map((column) => (
                  <p key={column} class="hint">
                    {words.suggestion(column)}{' '}
                    <button type="button" class="link" onClick={() => choose(match.name, column)}>
                      {words.take}
                    </button>
                  </p>
                ))}
            </div>
            <small class="example" title={examples(match)} dir="auto">
              {examples(match)}
            </small>
          </li>
        ))}
      </ul>
      {unused.length > 0 && (
        <p class="hint unused">
          {words.unused(unused.length)}
          {texts.signs.colon}
          {formats.list(unused.slice(0, 20))}
          {unused.length > 20 && ' …'}
        </p>
      )}
      <Choice
        label={words.missing}
        value={draft.missing}
        options={[
          ['empty', words.missingEmpty],
          ['error', words.missingError],
        ]}
        onChange={(missing) => changeParams(paramsOf({ missing }))}
      />
    </section>
  );
}
