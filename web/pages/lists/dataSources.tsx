/** Tables: how they were read, their first rows, where they are used. */
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { DataSourceView, PreviewRow } from '../../../shared/schemas/dataSourceApi.ts';
import { useApp, type App } from '../../app/app.ts';
import { useLoad } from '../../app/hooks.ts';
import { useListing } from '../../app/listing.ts';
import type { Route } from '../../app/router.ts';
import { Figure, Note, Told } from '../../parts/basics.tsx';
import { FileList, type FileItem } from './fileList.tsx';
import { Inspector, Warnings, type InspectorProps } from './inspector.tsx';

/** Between looks at those that are being read. */
const LOOK_MS = 2_000;
const PREVIEW_ROWS = 8;
/** More are nothing to look at. */
const MOST_COLUMNS = 60;
/** Of a cell: the first rows are to be recognised, not read. */
const MOST_CHARACTERS = 90;

const STATES = {
  awaiting_upload: ['clock', 'calm'],
  ingesting: ['play', 'busy'],
  ready: ['check', 'good'],
  invalid: ['cross', 'bad'],
} as const;

function itemOf({ texts }: App, source: DataSourceView): FileItem {
  const { dataSourceId: id, name, fileName, createdAt, status, rowCount } = source;
  return {
    id,
    name,
    fileName,
    createdAt,
    state: [...STATES[status], texts.lists.status[status]],
    content: rowCount === undefined ? '' : texts.sources.rows(rowCount),
  };
}

export function DataSources({ route }: { readonly route: Route }): JSX.Element {
  const app = useApp();
  const { texts, client } = app;
  const list = useListing(
    (cursor) => client.listDataSources(cursor === undefined ? {} : { cursor }),
    ({ dataSourceId }: DataSourceView) => dataSourceId,
  );
  const { put } = list;
  const reading = list.items
    .filter(({ status }) => status === 'ingesting')
    .map(({ dataSourceId }) => dataSourceId);
  useEffect(() => {
    if (reading.length === 0) return undefined;
    const look = () => {
      for (const dataSourceId of reading) {
        // The next look comes by itself.
        client.getDataSource({ dataSourceId }).then(put, () => undefined);
      }
    };
    const timer = setInterval(look, LOOK_MS);
    return () => clearInterval(timer);
  }, [reading.join(' ')]);
  return (
    <FileList
      route={route}
      place="data"
      words={texts.sources}
      accept=".xlsx,.csv,.json,.jsonl,.gz"
      list={list}
      itemOf={(source) => itemOf(app, source)}
      upload={async (file) => {
        const source = await client.uploadDataSource(file.name, file);
        put(source);
        return source.dataSourceId;
      }}
      remove={(dataSourceId) => client.deleteDataSource({ dataSourceId })}
      inspector={(input) => <Look key={input.id} {...input} />}
    />
  );
}

function Look({ id, ...input }: InspectorProps): JSX.Element {
  const { texts, client } = useApp();
  const { data, error } = useLoad(
    async (signal) => {
      const found = await client.getDataSource({ dataSourceId: id }, { signal });
      if (found.status !== 'ready') return { source: found, rows: [] };
      const page = await client.previewRows({ dataSourceId: id, limit: PREVIEW_ROWS }, { signal });
      return { source: found, rows: page.data };
    },
    [id],
  );
  return (
    <Inspector {...input} kind={texts.sources.title} file={data?.source} error={error} isWide>
      {data && (
        <>
          <Read source={data.source} />
          <Faults source={data.source} />
          <Warnings warnings={data.source.warnings} />
          <FirstRows columns={data.source.columns ?? []} rows={data.rows} />
        </>
      )}
    </Inspector>
  );
}

/** How it was read. */
function Read({ source }: { readonly source: DataSourceView }): JSX.Element | null {
  const { texts, formats } = useApp();
  const words = texts.sources;
  const { rowCount, columns, found } = source;
  if (rowCount === undefined) return null;
  return (
    <dl class="figures">
      <Figure label={words.rowsTitle}>{formats.number(rowCount)}</Figure>
      <Figure label={words.columns}>{formats.number(columns?.length ?? 0)}</Figure>
      {found?.sheet !== undefined && (
        <Figure label={words.sheet}>
          <bdi>{found.sheet}</bdi>
        </Figure>
      )}
      {found?.headerRow !== undefined && (
        <Figure label={words.header}>{formats.number(found.headerRow)}</Figure>
      )}
      {found?.encoding !== undefined && <Figure label={words.encoding}>{found.encoding}</Figure>}
    </dl>
  );
}

function Faults({ source }: { readonly source: DataSourceView }): JSX.Element | null {
  const { texts } = useApp();
  const { problems = [], problemCount = 0 } = source;
  if (problems.length === 0) return null;
  return (
    <Note kind="error" title={texts.sources.problems(problemCount)}>
      <ul>
        {problems.map(({ code, detail, line, row, cell }) => (
          <li key={`${line} ${row} ${cell} ${detail}`}>
            <Told code={code && texts.reasons.problems[code]}>{detail}</Told>
          </li>
        ))}
      </ul>
    </Note>
  );
}

function FirstRows({
  columns,
  rows,
}: {
  readonly columns: readonly string[];
  readonly rows: readonly PreviewRow[];
}): JSX.Element | null {
  const { texts, formats } = useApp();
  const words = texts.sources;
  if (rows.length === 0) return null;
  const shown = columns.slice(0, MOST_COLUMNS);
  return (
    <section>
      <h3 id="first-rows">{words.firstRows}</h3>
      {/* Scrolled by the keyboard, too. */}
      <div class="scroll" tabIndex={0} role="group" aria-labelledby="first-rows">
        <table class="plain-table">
          <thead>
            <tr>
              <th scope="col">{words.row}</th>
              {shown.map((column) => (
                <th key={column} scope="col" dir="auto">
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ row, values }) => (
              <tr key={row}>
                <th scope="row">{formats.number(row)}</th>
                {shown.map((column) => (
                  <td key={column} dir="auto">
                    <div title={cellText(values, column)}>{cellText(values, column)}</div>
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

/** A cell as text: by its name, or by its path where columns are fields of objects. */
function cellText(values: PreviewRow['values'], column: string): string {
  const byPath = () =>
    column
      .split('.')
      .reduce<unknown>(
        (inner, name) => (isRecord(inner) && Object.hasOwn(inner, name) ? inner[name] : undefined),
        values,
      );
  const value = Object.hasOwn(values, column) ? values[column] : byPath();
  if (value === undefined || value === null) return '';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text;
}
