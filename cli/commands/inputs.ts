/** Templates and tables that a command takes as a file of this machine, or by the id of one that was uploaded. */
import { openAsBlob } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { idPattern } from '../../shared/ids.ts';
import type { ReadingOptions } from '../../shared/schemas/common.ts';
import type { DataSourceView } from '../../shared/schemas/dataSourceApi.ts';
import type { TemplateView } from '../../shared/schemas/templateApi.ts';
import type { Context } from '../context.ts';
import { CliError } from '../errors.ts';
import { EXIT } from '../exit.ts';
import { checkData, checkTemplate } from '../files/inputs.ts';

export const isTemplateId = (text: string): boolean => idPattern('template').test(text);
export const isDataSourceId = (text: string): boolean => idPattern('dataSource').test(text);

/**
 * What can be known of a template that is named, before anything else is done.
 * @param option that names it, such as --template; '' for an argument
 * @throws UsageError
 */
export async function checkTemplateInput(option: string, text: string) {
  if (!isTemplateId(text)) await checkTemplate(text, option);
}

/** The same of a table. */
export async function checkTableInput(option: string, text: string) {
  if (!isDataSourceId(text)) await checkData(text, option);
}

/** The template of that id, or of that file, which is uploaded. @throws ApiError with its faults */
export const templateOf = (context: Context, text: string): Promise<TemplateView> =>
  isTemplateId(text) ? getTemplate(context, text) : uploadTemplate(context, text);

async function getTemplate(context: Context, templateId: string): Promise<TemplateView> {
  const { client } = await context.target();
  return client.getTemplate({ templateId }, { signal: context.interrupts.signal });
}

/** Uploads a file. @throws ApiError with its faults */
export async function uploadTemplate(
  context: Context,
  text: string,
  more: { readonly name?: string; readonly onCreated?: (templateId: string) => void } = {},
): Promise<TemplateView> {
  const { client } = await context.target();
  const bytes = new Uint8Array(await readFile(text));
  const { name, ...options } = more;
  const { signal } = context.interrupts;
  return client.uploadTemplate(basename(text), bytes, name, { signal, ...options });
}

/**
 * Does something with the template of an id, or with that of a file, of which nothing is kept.
 * @throws ApiError with its faults
 */
export async function withTemplate<T>(
  context: Context,
  text: string,
  work: (template: TemplateView) => Promise<T>,
): Promise<T> {
  if (isTemplateId(text)) return work(await getTemplate(context, text));
  const { client } = await context.target();
  let created: string | undefined;
  try {
    return await work(await uploadTemplate(context, text, { onCreated: (id) => (created = id) }));
  } finally {
    // It serves nothing any more; whoever waits is not to wait for that it is removed.
    if (created !== undefined) {
      await client.deleteTemplate({ templateId: created }).catch(() => undefined);
    }
  }
}

/** The data source of that id, or of that file, which is uploaded and read. It may be invalid. */
export async function dataSourceOf(context: Context, text: string): Promise<DataSourceView> {
  if (!isDataSourceId(text)) return uploadDataSource(context, text);
  const { client } = await context.target();
  return client.getDataSource({ dataSourceId: text }, { signal: context.interrupts.signal });
}

/** Uploads a table and waits until it is read. It may be invalid. */
export async function uploadDataSource(
  context: Context,
  path: string,
  reading: ReadingOptions = {},
  name?: string,
): Promise<DataSourceView> {
  const { client } = await context.target();
  const { signal } = context.interrupts;
  // Read while it is sent: a table may be larger than a Buffer.
  const bytes = await openAsBlob(path);
  const more = { ...(name !== undefined && { name }) };
  return client.uploadDataSource(basename(path), bytes, { signal, reading, ...more });
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
