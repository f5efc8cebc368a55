/** Failed rows in a grid: their cells are edited, and just these rows are made anew. */
import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { ApiError } from '../../../client/errors.ts';
import type { TaskView } from '../../../shared/schemas/taskApi.ts';
import { useApp } from '../../app/app.ts';
import { useDoing, useLoad } from '../../app/hooks.ts';
import { askBeforeLeaving } from '../../app/leaving.ts';
import { Button, Choice, ErrorNote, Loading } from '../../parts/basics.tsx';
import {
  cellsOf,
  columnsOf,
  correctionsOf,
  countEdits,
  editsOf,
  shownColumns,
  textOf,
  withEdit,
  type Cells,
  type Edits,
} from './cells.ts';
import { keepEdits, keptEdits } from './keptEdits.ts';
import { spansOf, type FailureGroup } from './failureGroups.ts';

/** Rows that are loaded at a time, each by a request; and requests at a time. */
const ROWS_AT_ONCE = 30;
const LANES = 6;

const NO_EDITS: Edits = new Map();

export function CorrectionGrid({
  task,
  group,
  title,
  isPossible,
  onClose,
  onRetried,
}: {
  readonly task: TaskView;
  readonly group: FailureGroup;
  readonly title: string;
  /** Whether the task takes a retry now. */
  readonly isPossible: boolean;
  readonly onClose: () => void;
  readonly onRetried: (task: TaskView, count: number) => void;
}): JSX.Element {
  const { texts, client } = useApp();
  const words = texts.failures;
  const { taskId } = task;
  const [count, setCount] = useState(ROWS_AT_ONCE);
  const [edits, setEdits] = useState(() => keptEdits(taskId, group.key) ?? NO_EDITS);
  const keep = (those: Edits) => askBeforeLeaving(keepEdits(taskId, group.key, those));
  useEffect(() => keep(edits), [edits]);
  const [wanted, setWanted] = useState<'faulty' | 'all'>(group.column === null ? 'all' : 'faulty');
  const grid = useRef<HTMLDivElement>(null);
  const known = useRef<ReadonlyMap<number, Cells>>(new Map());
  // Those that were edited stay, whatever fails beside them.
  const edited = [...edits.keys()].join();
  const rows = useMemo(
    () => group.rows.filter((row, i) => i < count || edits.has(row)),
    [group.rows.join(), count, edited],
  );
  const loaded = useLoad(
    async (signal) => {
      const cells = new Map(known.current);
      const left = rows.filter((row) => !cells.has(row));
      const lane = async () => {
        for (let row = left.shift(); row !== undefined; row = left.shift()) {
          const { values } = await client.getRow({ taskId, row }, { signal });
          cells.set(row, cellsOf(values));
        }
      };
      await Promise.all(Array.from({ length: LANES }, lane));
      known.current = cells;
      return cells;
    },
    [taskId, rows.join()],
  );
  const doing = useDoing();
  const cells = loaded.data;
  const isThere = cells !== undefined;
  useEffect(() => {
    // To where the work begins: the first cell at fault.
    const cell =
      grid.current?.querySelector('tbody .at-fault') ?? grid.current?.querySelector('tbody td');
    cell?.querySelector('textarea')?.focus();
  }, [isThere]);

  const atFault = group.column === null ? [] : [group.column];
  const shownRows = cells ? rows.filter((row) => cells.has(row)) : [];
  const all = columnsOf(cells?.values() ?? [], atFault);
  const columns = wanted === 'all' ? all : shownColumns(all, atFault);
  const edit = (row: number, column: string, text: string) =>
    setEdits((before) => withEdit(before, row, column, text, cells?.get(row)?.get(column)));
  const fill = (column: string, text: string) => {
    for (const row of shownRows) edit(row, column, text);
  };
  const retry = () =>
    void doing.run(async () => {
      const corrections = cells ? correctionsOf(editsOf(edits, shownRows), cells) : [];
      const changed = await client.retryTask({
        taskId,
        body: { rows: spansOf(shownRows), corrections },
      });
      keep(NO_EDITS);
      onRetried(changed, shownRows.length);
    });
  const changed = countEdits(editsOf(edits, shownRows));

  return (
    <div class="correction" role="group" aria-label={title}>
      <p class="hint">{words.correctHint}</p>
      {group.column !== null && (
        <Choice
          label={words.columns}
          value={wanted}
          options={[
            ['faulty', words.faultyColumns],
            ['all', words.allColumns],
          ]}
          onChange={setWanted}
        />
      )}
      {cells ? (
        <div class="scroll" ref={grid}>
          <table class="cells" onKeyDown={moveByKeys}>
            <thead>
              <tr>
                <th scope="col">{words.row}</th>
                {columns.map((column) => (
                  <th
                    key={column}
                    scope="col"
                    dir="auto"
                    class={atFault.includes(column) ? 'at-fault' : undefined}
                  >
                    {column}
                  </th>
                ))}
              </tr>
              {shownRows.length > 1 && <Fill columns={columns} atFault={atFault} onFill={fill} />}
            </thead>
            <tbody>
              {shownRows.map((row) => (
                <tr key={row}>
                  <th scope="row">{row}</th>
                  {columns.map((column) => {
                    const text = edits.get(row)?.get(column);
                    const value = text ?? textOf(cells.get(row)?.get(column));
                    return (
                      <td key={column} class={atFault.includes(column) ? 'at-fault' : undefined}>
                        <textarea
                          rows={1}
                          dir="auto"
                          class={text === undefined ? undefined : 'changed'}
                          aria-label={words.cell(column, row)}
                          spellcheck={false}
                          value={value}
                          onInput={({ currentTarget }) => edit(row, column, currentTarget.value)}
                        />
                      </td>
                    );
                  })}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : (
        loaded.error === undefined && <Loading />
      )}
      <ErrorNote error={loaded.error} onRetry={loaded.reload} />
      <Refusal error={doing.error} />
      <div class="actions">
        <Button
          kind="main"
          icon="retry"
          isBusy={doing.isBusy}
          isDisabled={shownRows.length === 0 || !isPossible}
          onClick={retry}
        >
          {words.retryThese(shownRows.length)}
        </Button>
        {count < group.rows.length && (
          <Button isBusy={loaded.isLoading} onClick={() => setCount(count + ROWS_AT_ONCE)}>
            {words.loadMore}
          </Button>
        )}
        <Button kind="quiet" onClick={onClose}>
          {texts.app.close}
        </Button>
        <span class="hint" role="status">
          {changed > 0 && words.changed(changed)}
        </span>
      </div>
    </div>
  );
}

/** Why it was refused. */
function Refusal({ error }: { readonly error: unknown }): JSX.Element | null {
  const { texts } = useApp();
  const isMissing =
    error instanceof ApiError && error.errors.some(({ pointer }) => /\/values$/.test(pointer));
  return (
    <>
      <ErrorNote error={error} />
      {isMissing && <p class="hint">{texts.failures.noColumn}</p>}
    </>
  );
}

function Fill({
  columns,
  atFault,
  onFill,
}: {
  readonly columns: readonly string[];
  readonly atFault: readonly string[];
  readonly onFill: (column: string, text: string) => void;
}): JSX.Element {
  const { texts } = useApp();
  const words = texts.failures;
  const [given, setGiven] = useState<ReadonlyMap<string, string>>(new Map());
  return (
    <tr class="fill">
      <th />
      {columns.map((column) => (
        <td key={column}>
          {atFault.includes(column) && (
            <form
              onSubmit={(event) => {
                event.preventDefault();
                onFill(column, given.get(column) ?? '');
              }}
            >
              <input
                type="text"
                dir="auto"
                aria-label={words.fillLabel(column)}
                value={given.get(column) ?? ''}
                onInput={({ currentTarget }) =>
                  setGiven(new Map([...given, [column, currentTarget.value]]))
                }
              />
              <Button type="submit" icon="down">
                {words.fill}
              </Button>
            </form>
          )}
        </td>
      ))}
    </tr>
  );
}

/** As in a spreadsheet: Enter leads below, the arrows up and down where the text has one line. */
function moveByKeys(event: KeyboardEvent): void {
  const { target } = event;
  if (!(target instanceof HTMLTextAreaElement) || event.isComposing || event.shiftKey) return;
  const isOneLine = !target.value.includes('\n');
  const step =
    event.key === 'Enter' || (event.key === 'ArrowDown' && isOneLine)
      ? 'nextElementSibling'
      : event.key === 'ArrowUp' && isOneLine
        ? 'previousElementSibling'
        : undefined;
  if (step === undefined) return;
  event.preventDefault();
  const cell = target.closest('td');
  const next = cell?.parentElement?.[step]?.children[cell.cellIndex]?.querySelector('textarea');
  next?.focus();
  next?.select();
}
