/** A template that is given as a file, with rows from a file or made for its tags. */
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import * as z from 'zod';
import { completeReading, isText } from '../../shared/dataSources/reading.ts';
import { readSource } from '../../shared/dataSources/readSource.ts';
import { readWorkbook } from '../../shared/dataSources/xlsx/readWorkbook.ts';
import { localFile } from '../ingest/localFile.ts';
import { Problem } from '../../shared/problems.ts';
import { compileTemplate } from '../../shared/rendering/compileTemplate.ts';
import type { CompiledTemplate } from '../../shared/rendering/renderer.ts';
import { readPath } from '../../shared/tags/readPath.ts';
import { RowSchema, type Row, type Tag } from '../../shared/schemas/common.ts';
import { UsageError } from '../benchmark.ts';
import { storeOf, uploadTo } from '../stores.ts';
import { OPTIONS } from './engines.ts';
import { madeRows } from './madeRows.ts';
import type { RenderingCase } from './renderingCase.ts';
import { BRACES } from './templates.ts';

const MADE_ROWS = 50;
/** Of a file of rows: more would only take longer to warm up. */
const MOST_ROWS = 1_000;

/**
 * Reads the template and its rows. Rows that cannot be rendered are left out, and said.
 * @throws UsageError
 */
export async function readCase(
  templatePath: string,
  rowsPath: string | undefined,
): Promise<RenderingCase> {
  const template = await orUsage(templatePath, async () => readFile(templatePath));
  const compiled = await orUsage(templatePath, async () => compileTemplate(template));
  const rows = rowsPath ? await orUsage(rowsPath, () => readRows(rowsPath)) : madeRowsFor(compiled);
  sayUnfilled(compiled.tags, rows);
  return {
    name: `${basename(templatePath)} (${compiled.engine.tier})`,
    rows: renderable(compiled, rows),
    template: (dialect) => (dialect === BRACES ? template : undefined),
  };
}

/** A tag does not tell that it stands for paragraphs, but the failure of its text does. */
function madeRowsFor(compiled: CompiledTemplate): Row[] {
  const paragraphs = new Set<string>();
  for (;;) {
    const rows = madeRows(compiled.tags, MADE_ROWS, paragraphs);
    const tag = failedTag(compiled, rows);
    if (tag === undefined || paragraphs.has(tag)) return rows;
    paragraphs.add(tag);
  }
}

/** The tag that the first row fails at, if it fails. */
function failedTag(compiled: CompiledTemplate, [row = {}]: readonly Row[]): string | undefined {
  const result = compiled.render(row, OPTIONS);
  return result.ok ? undefined : result.failure.tag;
}

function renderable(compiled: CompiledTemplate, rows: readonly Row[]): Row[] {
  const failures = new Set<string>();
  const kept = rows.filter((row) => {
    const result = compiled.render(row, OPTIONS);
    if (!result.ok) failures.add(result.failure.detail);
    return result.ok;
  });
  const [first] = failures;
  if (first === undefined) return kept;
  const lost = `${rows.length - kept.length} of ${rows.length} rows cannot be rendered. ${first}`;
  if (kept.length === 0) throw new UsageError(lost);
  process.stdout.write(`Left out: ${lost}\n`);
  return kept;
}

/** A table that is not meant for the template gives figures of empty documents. */
function sayUnfilled(tags: readonly Tag[], rows: readonly Row[]): void {
  const names = new Set(tags.filter(({ path }) => path.length === 0).map(({ name }) => name));
  const unfilled = [...names].filter((name) =>
    rows.every((row) => (readPath(row, name) ?? null) === null),
  );
  if (unfilled.length > 0) process.stdout.write(`No row has a value for ${unfilled.join(', ')}.\n`);
}

/** The first rows of a file, as a data source reads them. */
async function readRows(path: string): Promise<Row[]> {
  const parts: Buffer[] = [];
  const keep = (body: Uint8Array) => void parts.push(Buffer.from(body));
  const objects = storeOf({
    async put(key, body) {
      if (key === 'rows') keep(body);
      return true;
    },
    startUpload: async () => uploadTo(keep),
  });
  const reading = completeReading(basename(path), {});
  const keys = { rowsKey: 'rows', indexKey: 'index' };
  const outcome = isText(reading)
    ? await readSource({ objects }, () => createReadStream(path), reading, keys)
    : await readWorkbook({ objects }, await localFile(path), reading, keys);
  if (!outcome.ok) throw new UsageError(outcome.problems[0]?.detail ?? 'It cannot be read.');
  const lines = Buffer.concat(parts).toString('utf8').split('\n', MOST_ROWS);
  return lines
    .filter((line) => line !== '')
    .map((line) =>
      z
        .json()
        .pipe(RowSchema)
        .parse(JSON.parse(line.split('\t', 1)[0] ?? '')),
    );
}

/** What is wrong with a file, said as advice. */
async function orUsage<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    const known =
      error instanceof Problem ||
      error instanceof UsageError ||
      (error instanceof Error && 'code' in error);
    if (!known) throw error;
    throw new UsageError(`${path}: ${error.message}`, { cause: error });
  }
}
