/** One row of a task: its values, what became of its documents, and these themselves. */
import type { JSX } from 'preact';
import type { RowView, TaskView } from '../../../shared/schemas/taskApi.ts';
import { useApp } from '../../app/app.ts';
import { fetchFile, save } from '../../app/download.ts';
import { useDoing, useLoad, useNarrow } from '../../app/hooks.ts';
import { changeParams, hrefOf, parseRoute, type Route } from '../../app/router.ts';
import { Button, Choice, ErrorNote, InEnglish, Loading, Note } from '../../parts/basics.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { DocumentPreview } from '../../parts/preview.tsx';
import { cellsOf, textOf } from './cells.ts';
import { rowOf } from './rowOf.ts';
import { Outcome } from './outcome.tsx';

/** The present page with a row open. @param template the label of the one whose document shows first */
export function hrefOfRow(row: number, template?: string): string {
  const { path, params } = parseRoute(location.hash);
  return hrefOf(path, { ...Object.fromEntries(params), row: String(row), of: template });
}

export function RowInspector({
  route,
  task,
  stamp,
}: {
  readonly route: Route;
  readonly task: TaskView;
  readonly stamp: number;
}): JSX.Element | null {
  const row = rowOf(route.params.get('row') ?? '');
  if (row === undefined) return null;
  return <Inspector row={row} of={route.params.get('of')} task={task} stamp={stamp} />;
}

function Inspector({
  row,
  of,
  task,
  stamp,
}: {
  readonly row: number;
  readonly of: string | null;
  readonly task: TaskView;
  readonly stamp: number;
}): JSX.Element {
  const { texts, client } = useApp();
  const words = texts.documents;
  const { taskId } = task;
  const { data, error, reload } = useLoad(
    async (signal) => client.getRow({ taskId, row }, { signal }),
    [taskId, row],
    stamp,
  );
  // That of the row before shows until the next is there.
  const view = data?.row === row ? data : undefined;
  const document = view?.documents.find(({ template }) => template === of) ?? view?.documents[0];
  const lastRow = data ? task.totalDocuments / Math.max(1, data.documents.length) : row;
  const open = (next: number) => changeParams({ row: String(next) });
  return (
    <Dialog
      isWide
      title={<span dir="auto">{document?.name ?? words.unnamed(row)}</span>}
      onClose={() => changeParams({ row: undefined, of: undefined })}
      actions={
        <>
          <Step
            icon="left"
            label={words.previous}
            isDisabled={row <= 1}
            onClick={() => open(row - 1)}
          />
          <Step
            icon="right"
            label={words.following}
            isDisabled={row >= lastRow}
            onClick={() => open(row + 1)}
          />
          {document?.status === 'succeeded' && (
            <Get taskId={taskId} row={row} templateId={document.templateId} />
          )}
        </>
      }
    >
      <ErrorNote error={error} onRetry={reload} />
      {!view && error === undefined && <Loading />}
      {view && document && (
        <div class="inspector">
          {view.documents.length > 1 && (
            <Choice
              label={words.template}
              value={document.template}
              options={view.documents.map(({ template }) => [template, template] as const)}
              onChange={(template) => changeParams({ of: template })}
            />
          )}
          <p class="inspector-state">
            <Outcome status={document.status} />
            <span class="hint">{words.unnamed(row)}</span>
            {view.isCorrected && <span class="hint">· {words.corrected}</span>}
          </p>
          {document.failure && (
            <Note kind="error" title={texts.failures.what[document.failure.code]}>
              <p>
                <InEnglish>{document.failure.detail}</InEnglish>
              </p>
            </Note>
          )}
          <div class="inspector-parts">
            {isDrawn(document) && (
              <Look
                key={`${row} ${document.template} ${task.run}`}
                taskId={taskId}
                row={row}
                templateId={document.templateId}
                name={document.name ?? ''}
              />
            )}
            <Values view={view} atFault={document.failure?.column ?? undefined} />
          </div>
        </div>
      )}
    </Dialog>
  );
}

/** To another row: on a phone by a picture alone, so that it has room beside the download. */
function Step({
  label,
  ...button
}: {
  readonly icon: 'left' | 'right';
  readonly label: string;
  readonly isDisabled: boolean;
  readonly onClick: () => void;
}): JSX.Element {
  return useNarrow() ? <Button {...button} label={label} /> : <Button {...button}>{label}</Button>;
}

/** What can be drawn: files of row steps are of any kind. */
const isDrawn = ({ status, name }: RowView['documents'][number]): boolean =>
  status === 'succeeded' && name !== null && /\.docx$/i.test(name);

/** The document itself, fetched by the link that it is downloaded by. */
function Look({
  taskId,
  row,
  templateId,
  name,
}: {
  readonly taskId: string;
  readonly row: number;
  readonly templateId: string | null;
  readonly name: string;
}): JSX.Element {
  const { client } = useApp();
  const { data, error, reload } = useLoad(
    async (signal) => {
      const input = { taskId, row, ...(templateId && { templateId }) };
      return fetchFile(await client.downloadDocument(input, { signal }), signal);
    },
    [taskId, row, templateId],
  );
  return (
    <div>
      <ErrorNote error={error} onRetry={reload} />
      {data ? <DocumentPreview bytes={data} name={name} /> : error === undefined && <Loading />}
    </div>
  );
}

function Values({
  view,
  atFault,
}: {
  readonly view: RowView;
  readonly atFault: string | undefined;
}): JSX.Element {
  const { texts } = useApp();
  const cells = [...cellsOf(view.values)];
  return (
    <section aria-labelledby="row-values">
      <h3 id="row-values">{texts.documents.values}</h3>
      {cells.length === 0 && <p class="hint">{texts.documents.noValues}</p>}
      <dl class="details values">
        {cells.map(([column, value]) => (
          <div key={column} class={column === atFault ? 'at-fault' : undefined}>
            <dt dir="auto">{column}</dt>
            <dd dir="auto">{textOf(value)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Get({
  taskId,
  row,
  templateId,
}: {
  readonly taskId: string;
  readonly row: number;
  readonly templateId: string | null;
}): JSX.Element {
  const { texts, client } = useApp();
  const doing = useDoing();
  const download = () =>
    void doing.run(async () => {
      save(await client.downloadDocument({ taskId, row, ...(templateId && { templateId }) }));
    });
  return (
    <>
      <Button kind="main" icon="download" isBusy={doing.isBusy} onClick={download}>
        {texts.documents.get}
      </Button>
      <ErrorNote error={doing.error} />
    </>
  );
}
