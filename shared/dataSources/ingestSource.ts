/** The ingest workflow's step: an uploaded table becomes rows.jsonl and rows.idx. */
import { objectKeys } from '../keys.ts';
import { METRICS } from '../names.ts';
import type { Ports } from '../ports.ts';
import type { DataProblemCode } from '../problems.ts';
import type { DataSourceItem } from '../schemas/items.ts';
import type { IngestRun } from '../schemas/workflow.ts';
import { dataSourceStore, inStatus, isReading } from './dataSourceStore.ts';
import { gunzip } from './gunzip.ts';
import { completeReading, isCompressed, isText } from './reading.ts';
import { readSource, type SourceOutcome } from './readSource.ts';
import { sourceFile } from './sourceFile.ts';
import { withinTime, type RemainingMs } from './timeLimit.ts';
import { readWorkbook } from './xlsx/readWorkbook.ts';

type IngestPorts = Pick<Ports, 'table' | 'objects' | 'log' | 'metrics'>;

/**
 * Reads the upload and records what it is: ready, or invalid with its problems. Repeatable: only a
 * data source that is still ingesting is read, and every attempt reads the same bytes.
 * @param context how long there is time: what takes longer is invalid, and not tried again
 * @throws what the bucket or the table throws; then the workflow tries again, and at last calls this
 *   with `error`
 */
export async function ingestSource(
  ports: IngestPorts,
  run: IngestRun,
  { remainingMs }: { readonly remainingMs: RemainingMs } = { remainingMs: () => Infinity },
): Promise<void> {
  const { dataSourceId, read, error } = run;
  const source = await dataSourceStore.find(ports, dataSourceId);
  if (source?.status !== 'ingesting' || source.reads !== read) {
    ports.log.warn('The data source is not to be read (any more).', {
      dataSourceId,
      status: source?.status ?? 'gone',
    });
    return;
  }
  if (error)
    ports.log.error('The data source could not be read.', { dataSourceId, error: error.Error });
  await record(
    ports,
    source,
    error ? refused('FILE_UNREAD', OUR_FAULT) : await readUpload(timed(ports, remainingMs), source),
  );
}

const OUR_FAULT =
  'The file could not be read because something went wrong on our side. Complete the data source again.';
const CHANGED =
  'The file was uploaded anew after its data source was completed. Complete the data source again.';

const refused = (code: DataProblemCode, detail: string): SourceOutcome => ({
  ok: false,
  problems: [{ code, detail }],
  problemCount: 1,
});

async function readUpload(ports: IngestPorts, source: DataSourceItem): Promise<SourceOutcome> {
  const { dataSourceId } = source;
  const key = objectKeys.sourceUpload(dataSourceId);
  // The upload link outlives the completion. Attempts that read different bytes would mix their
  // rows and indexes, so only the upload that was completed is read.
  const found = await ports.objects.head(key);
  if (found?.etag !== source.uploadEtag) return refused('FILE_CHANGED', CHANGED);
  const reading = completeReading(source.fileName, source.reading ?? {});
  const keys = {
    rowsKey: objectKeys.sourceRows(dataSourceId),
    indexKey: objectKeys.sourceIndex(dataSourceId),
  };
  const outcome = isText(reading)
    ? await readSource(ports, () => readWhole(ports, source, key), reading, keys)
    : await readWorkbook(ports, sourceFile(ports, key, found?.bytes ?? 0), reading, keys);
  const isUnchanged = (await ports.objects.head(key))?.etag === source.uploadEtag;
  return isUnchanged ? outcome : refused('FILE_CHANGED', CHANGED);
}

/** The same ports, whose streams end when there is no time left. */
const timed = (ports: IngestPorts, remainingMs: RemainingMs): IngestPorts => ({
  ...ports,
  objects: {
    ...ports.objects,
    stream: (key, range) => withinTime(ports.objects.stream(key, range), remainingMs),
  },
});

const readWhole = (
  { objects }: Pick<Ports, 'objects'>,
  { fileName }: DataSourceItem,
  key: string,
): AsyncIterable<Uint8Array> =>
  isCompressed(fileName) ? gunzip(objects.stream(key)) : objects.stream(key);

async function record(ports: IngestPorts, source: DataSourceItem, outcome: SourceOutcome) {
  const { dataSourceId } = source;
  const result = outcome.ok
    ? {
        columns: outcome.columns,
        rowCount: outcome.rowCount,
        bytes: outcome.bytes,
        ...(outcome.nestedColumns && { nestedColumns: outcome.nestedColumns }),
        ...(outcome.warnings.length > 0 && { warnings: outcome.warnings }),
        ...(outcome.found && { found: outcome.found }),
      }
    : { problems: outcome.problems, problemCount: outcome.problemCount };
  const status = outcome.ok ? 'ready' : 'invalid';
  const recorded = await dataSourceStore.change(
    ports,
    dataSourceId,
    { set: { status, ...result, ...(outcome.sheets && { sheets: outcome.sheets }) } },
    { all: [inStatus('ingesting'), isReading(source.reads)] },
  );
  if (!recorded) return;
  if (outcome.ok) ports.metrics.count(METRICS.rowsIngested, outcome.rowCount);
  const { rowCount, problemCount } = recorded;
  ports.log.info('The data source was read.', { dataSourceId, status, rowCount, problemCount });
}
