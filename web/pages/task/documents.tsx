/** The documents of a task, in the order of rows: found by row or name, looked at, downloaded. */
import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { MAX_DOCUMENT_NAME_BYTES, PAGE_LIMIT_MAX } from '../../../shared/limits.ts';
import { DocumentStatusSchema, type DocumentStatus } from '../../../shared/schemas/common.ts';
import type { DocumentView, RowView, TaskView } from '../../../shared/schemas/taskApi.ts';
import { useApp } from '../../app/app.ts';
import { save } from '../../app/download.ts';
import { useAnnounced, useDoing, useLoad, useNarrow, useSettled } from '../../app/hooks.ts';
import { usePages } from '../../app/pages.ts';
import { changeParams } from '../../app/router.ts';
import { Button, ErrorNote, Loading } from '../../parts/basics.tsx';
import { Icon } from '../../parts/icons.tsx';
import { VirtualTable } from '../../parts/virtualList.tsx';
import { Outcome } from './outcome.tsx';
import { hrefOfRow } from './rowInspector.tsx';
import { rowOf } from './rowOf.ts';
import type { PartProps } from './part.ts';

const ROW_HEIGHT = 46;
const ROW_HEIGHT_NARROW = 76;

/** A list up to this long is looked at again by itself when there may be more; a longer one on demand. */
const MOST_AGAIN = 500;

/** A search through so many rows is one request: it may be made again. */
const MOST_FOUND_AGAIN = 10_000;
/** After the last key of a search. */
const SETTLED_MS = 250;

const STATES = DocumentStatusSchema.options;

/** A document, or that there is none yet. */
export type ListedDocument = Omit<DocumentView, 'status'> & {
  readonly status: RowView['documents'][number]['status'];
};

export function Documents({ route, live, stamp }: PartProps): JSX.Element {
  const { texts, formats, client } = useApp();
  const words = texts.documents;
  const { task } = live;
  const { taskId } = task;
  const isNarrow = useNarrow();
  const given = route.params.get('state');
  const state = STATES.find((one) => one === given);
  const search = (route.params.get('q') ?? '').slice(0, MAX_DOCUMENT_NAME_BYTES);
  const typed = search.trim();
  const wanted = useSettled(typed, SETTLED_MS);

  const shownStamp = useRef(stamp);
  const length = useRef(0);
  const [looked, setLooked] = useState({ throughRow: 0, rowCount: 0 });
  const isAgain =
    length.current <= MOST_AGAIN && (wanted === '' || looked.rowCount <= MOST_FOUND_AGAIN);
  if (isAgain) shownStamp.current = stamp;
  const list = usePages(
    async (cursor, signal) => {
      const query = {
        taskId,
        limit: PAGE_LIMIT_MAX,
        ...(state && { status: state }),
        ...(wanted !== '' && { name: wanted }),
        ...(cursor && { cursor }),
      };
      const page = await client.listDocuments(query, { signal });
      setLooked(page);
      return page;
    },
    [client, taskId, state, wanted],
    shownStamp.current,
    wanted === '' ? 1 : PAGE_LIMIT_MAX,
  );
  length.current = list.items.length;
  const row = useRowHit(task, rowOf(typed), stamp);
  const shown = useMemo(() => {
    const hits = row.filter(({ status }) => !state || status === state);
    return hits.length === 0
      ? list.items
      : [...hits, ...list.items.filter((one) => one.row !== hits[0]?.row)];
  }, [row, list.items, state]);

  const isOpen = !list.isComplete && list.error === undefined;
  const isFound = wanted !== '' && !list.isLoading;
  useAnnounced(`${wanted}/${state}`, isFound ? words.found(shown.length) : undefined);

  const hasTemplates = new Set(list.items.slice(0, 100).map(({ template }) => template)).size > 1;
  const columns = [
    { key: 'number', head: words.row },
    { key: 'name', head: words.name },
    { key: 'outcome', head: words.outcome },
    ...(hasTemplates ? [{ key: 'template', head: words.template }] : []),
    { key: 'size', head: words.size },
    { key: 'get', head: <span class="visually-hidden">{words.get}</span> },
  ];
  return (
    <>
      <div class="list-tools">
        <label class="search">
          <span class="visually-hidden">{words.find}</span>
          <Icon name="search" />
          <input
            type="search"
            placeholder={words.find}
            maxLength={MAX_DOCUMENT_NAME_BYTES}
            value={search}
            onInput={({ currentTarget }) => changeParams({ q: currentTarget.value })}
          />
        </label>
        <Filters task={task} state={state} />
      </div>
      <div class="list-state">
        {stamp !== shownStamp.current && (
          <button
            type="button"
            class="pill"
            onClick={() => {
              length.current = 0;
              list.restart();
            }}
          >
            {words.refresh}
          </button>
        )}
      </div>
      {wanted !== '' && isOpen && (list.isLoading || list.isStopped) && (
        <div class="list-state">
          <span>
            {(list.isStopped ? words.stopped : words.looking)(
              formats.number(looked.throughRow),
              formats.number(looked.rowCount),
            )}
          </span>
          {list.isStopped ? (
            <Button onClick={list.more}>{words.goOn}</Button>
          ) : (
            <Button onClick={list.stop}>{words.stop}</Button>
          )}
        </div>
      )}
      {shown.length === 0 ? (
        <Nothing isLoading={isOpen && !list.isStopped} wanted={wanted} />
      ) : (
        <VirtualTable
          label={texts.task.documents}
          className={`documents${hasTemplates ? ' with-template' : ''}`}
          rowHeight={isNarrow ? ROW_HEIGHT_NARROW : ROW_HEIGHT}
          count={shown.length}
          onNearEnd={() => {
            if (!list.isLoading && !list.isStopped && list.error === undefined) list.more();
          }}
          columns={columns}
          row={(index) => {
            const document = shown[index];
            if (!document) return { key: String(index), cells: [] };
            return {
              key: `${document.row} ${document.template}`,
              cells: cellsOf(document, task, hasTemplates),
            };
          }}
        />
      )}
      <ErrorNote error={list.error} onRetry={list.retry} />
      {shown.length > 0 && (
        <p class="list-end">
          {list.isComplete || list.isStopped
            ? (wanted === '' ? words.listed : words.found)(shown.length)
            : texts.app.loading}
        </p>
      )}
    </>
  );
}

/** The documents of the row that a number names: asked for by itself, however long the list is. */
function useRowHit(
  { taskId }: TaskView,
  row: number | undefined,
  stamp: number,
): readonly ListedDocument[] {
  const { client } = useApp();
  const { data } = useLoad(
    async (signal) => {
      if (row === undefined) return { row, documents: [] };
      // There may be no such row, and a name may hold the number all the same.
      const view = await client.getRow({ taskId, row }, { signal }).catch(() => undefined);
      return {
        row,
        documents: (view?.documents ?? []).map(({ template, name, status, bytes }) => ({
          row,
          template,
          name,
          status,
          bytes,
        })),
      };
    },
    [taskId, row],
    stamp,
  );
  const none = useMemo(() => [], []);
  return data && data.row === row ? data.documents : none;
}

function cellsOf(
  document: ListedDocument,
  task: TaskView,
  hasTemplates: boolean,
): readonly JSX.Element[] {
  return [
    <RowNumber key="number" row={document.row} />,
    <Name key="name" document={document} />,
    <Outcome key="outcome" status={document.status} />,
    ...(hasTemplates
      ? [
          <span key="template" class="hint" dir="auto">
            {document.template}
          </span>,
        ]
      : []),
    <Size key="size" bytes={document.bytes} />,
    <Get key="get" task={task} document={document} />,
  ];
}

function RowNumber({ row }: { readonly row: number }): JSX.Element {
  return <span class="hint">{useApp().formats.number(row)}</span>;
}

function Name({ document }: { readonly document: ListedDocument }): JSX.Element {
  const { texts } = useApp();
  const { row, name, template } = document;
  return (
    <a class="name" dir="auto" href={hrefOfRow(row, template)} title={name ?? undefined}>
      {name ?? texts.documents.unnamed(row)}
    </a>
  );
}

function Size({ bytes }: { readonly bytes: number | null }): JSX.Element {
  const { formats } = useApp();
  return <span class="hint">{bytes !== null && formats.bytes(bytes)}</span>;
}

function Get({
  task,
  document: { row, name, status, template },
}: {
  readonly task: TaskView;
  readonly document: ListedDocument;
}): JSX.Element | null {
  const { texts, client, tell } = useApp();
  const doing = useDoing();
  const message = doing.error instanceof Error ? doing.error.message : undefined;
  useEffect(() => {
    if (message !== undefined) tell(message, 'failed');
  }, [message]);
  if (status !== 'succeeded') return null;
  const { taskId } = task;
  const download = () =>
    void doing.run(async () => {
      const { documents } = await client.getRow({ taskId, row });
      const templateId = documents.find((one) => one.template === template)?.templateId;
      save(await client.downloadDocument({ taskId, row, ...(templateId && { templateId }) }));
    });
  return (
    <Button
      kind="quiet"
      icon="download"
      label={texts.documents.getNamed(name ?? String(row))}
      isBusy={doing.isBusy}
      onClick={download}
    />
  );
}

function Nothing({
  isLoading,
  wanted,
}: {
  readonly isLoading: boolean;
  readonly wanted: string;
}): JSX.Element {
  const { texts } = useApp();
  if (isLoading) return <Loading />;
  return (
    <div class="empty">
      <p>{wanted === '' ? texts.documents.none : texts.documents.noneFound}</p>
      {wanted !== '' && (
        <Button onClick={() => changeParams({ q: undefined, state: undefined })}>
          {texts.tasks.clear}
        </Button>
      )}
    </div>
  );
}

function Filters({
  task,
  state,
}: {
  readonly task: TaskView;
  readonly state: DocumentStatus | undefined;
}): JSX.Element {
  const { texts, formats } = useApp();
  const words = texts.documents;
  const shown = STATES.filter((one) => task[one] > 0 || one === state);
  return (
    <div class="filters" role="group" aria-label={words.show}>
      <button
        type="button"
        aria-pressed={!state}
        onClick={() => changeParams({ state: undefined })}
      >
        {words.all} <span>{formats.number(task.totalDocuments - task.pending)}</span>
      </button>
      {shown.map((one) => (
        <button
          key={one}
          type="button"
          aria-pressed={state === one}
          onClick={() => changeParams({ state: one })}
        >
          {words[one]} <span>{formats.number(task[one])}</span>
        </button>
      ))}
    </div>
  );
}
