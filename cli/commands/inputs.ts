/** Templates and tables that a command takes as a file of this machine, or by the id of one that was uploaded. */
import { openAsBlob } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { idPattern } from '../../shared/ids.ts';
import type { ReadingOptions } from '../../shared/schemas/common.ts';
import type { DataSourceView } from '../../shared/schemas/dataSourceApi.ts';
import type { TemplateView } from '../../shared/schemas/templateApi.ts';
import type { Context } from '../context.ts';
import { CliError, UsageError } from '../errors.ts';
import { EXIT } from '../exit.ts';
import { requireTable, requireTemplate } from './namedFiles.ts';

export const isTemplateId = (text: string): boolean => idPattern('template').test(text);
export const isDataSourceId = (text: string): boolean => idPattern('dataSource').test(text);

/**
 * What can be known of a template that is named, before anything else is done.
 * @throws UsageError
 */
export async function checkTemplateInput({ cwd }: Context, option: string, text: string) {
  if (!isTemplateId(text)) await requireTemplate(resolve(cwd, text), option, text);
}

/** As checkTemplateInput, of a table. */
export async function checkTableInput({ cwd }: Context, option: string, text: string) {
  if (!isDataSourceId(text)) await requireTable(resolve(cwd, text), option, text);
}

/** The template of that id, or of that file, which is uploaded. @throws ApiError with its faults */
export async function templateOf(context: Context, text: string): Promise<TemplateView> {
  const { client } = await context.target();
  const { signal } = context.interrupts;
  if (isTemplateId(text)) return client.getTemplate({ templateId: text }, { signal });
  const bytes = new Uint8Array(await readFile(resolve(context.cwd, text)));
  return client.uploadTemplate(basename(text), bytes, undefined, { signal });
}

/** The data source of that id, or of that file, which is uploaded and read. It may be invalid. */
export async function dataSourceOf(
  context: Context,
  text: string,
  reading: ReadingOptions = {},
  name?: string,
): Promise<DataSourceView> {
  const { client } = await context.target();
  const { signal } = context.interrupts;
  if (isDataSourceId(text)) {
    if (Object.keys(reading).length === 0) {
      return client.getDataSource({ dataSourceId: text }, { signal });
    }
    throw new UsageError(`${text} has been read already: options of reading are for files.`);
  }
  // Read while it is sent: a table may be larger than a Buffer.
  const bytes = await openAsBlob(resolve(context.cwd, text));
  const more = { ...(name !== undefined && { name }) };
  return client.uploadDataSource(basename(text), bytes, { signal, reading, ...more });
}

/** @throws CliError with the problems of a table that cannot be used */
export function requireReady(source: DataSourceView, text: string): void {
  if (source.status === 'ready') return;
  const problems = problemLines(source);
  const more = (source.problemCount ?? 0) - problems.length;
  throw new CliError(`${text} cannot be used as it is.`, EXIT.failed, [
    ...problems,
    ...(more > 0 ? [`and ${more} more`] : []),
  ]);
}

/** Each problem with its place. */
export const problemLines = ({ problems = [] }: DataSourceView): string[] =>
  problems.map(({ line, cell, row, detail }) => {
    if (line !== undefined) return `line ${line}: ${detail}`;
    if (cell !== undefined) return `${cell}: ${detail}`;
    return row === undefined ? detail : `row ${row}: ${detail}`;
  });
