/** Files as the API has them: each is uploaded once, for however many tasks. */
import { openAsBlob } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { SheafClient } from '../../client/client.ts';
import type { ReadingOptions } from '../../shared/schemas/common.ts';
import type { DataSourceView } from '../../shared/schemas/dataSourceApi.ts';
import { CliError } from '../errors.ts';
import { EXIT } from '../exit.ts';
import type { Tell } from './jobEvents.ts';

export interface Uploads {
  /** @throws CliError when it cannot be used, ApiError, ConnectionFailed; the signal's reason */
  template(path: string, job: string): Promise<string>;
  /** The same. */
  data(path: string, reading: ReadingOptions, job: string): Promise<string>;
}

/** @param tell told of each file that was read, under the job that it was read for first */
export function createUploads(client: SheafClient, tell: Tell, signal: AbortSignal): Uploads {
  const templates = new Map<string, Promise<string>>();
  const tables = new Map<string, Promise<string>>();

  async function uploadTemplate(file: string, job: string): Promise<string> {
    const bytes = new Uint8Array(await readFile(file));
    const view = await client.uploadTemplate(basename(file), bytes, undefined, { signal });
    const { templateId, tags = [], warnings = [] } = view;
    tell({ type: 'template', job, file, templateId, tags: tags.length, warnings });
    return templateId;
  }

  async function uploadData(file: string, reading: ReadingOptions, job: string): Promise<string> {
    // Read while it is sent: a table may be larger than a Buffer.
    const bytes = await openAsBlob(file);
    const before = await stampOf(file);
    const source = await client
      .uploadDataSource(basename(file), bytes, { reading, signal })
      .catch(async (error: unknown) => {
        if ((await stampOf(file)) === before || signal.aborted) throw error;
        throw new CliError(
          `${file} was changed or removed while it was read. Run the command again when nobody writes to it.`,
        );
      });
    requireReady(source, file);
    const { dataSourceId, rowCount = 0, columns = [], found = {}, warnings = [] } = source;
    tell({
      type: 'data',
      ...{ job, file, dataSourceId, found, warnings },
      rows: rowCount,
      columns: columns.length,
    });
    return dataSourceId;
  }

  return {
    template: (path, job) => once(templates, path, () => uploadTemplate(path, job)),
    data: (path, reading, job) => once(tables, path, () => uploadData(path, reading, job)),
  };
}

/** What shows that a file is as it was; undefined where there is none. */
const stampOf = (file: string) =>
  stat(file).then(
    ({ mtimeMs, size }) => `${mtimeMs} ${size}`,
    () => undefined,
  );

function once<T>(kept: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const there = kept.get(key);
  if (there) return there;
  const made = make();
  kept.set(key, made);
  return made;
}

function requireReady(source: DataSourceView, file: string): void {
  if (source.status === 'ready') return;
  const problems = (source.problems ?? []).map(({ line, detail }) =>
    line === undefined ? detail : `line ${line}: ${detail}`,
  );
  throw new CliError(`${file} cannot be used.`, EXIT.failed, problems);
}
