/** Checks of the files that the command line names: all that can be known before any work is done. */
import { constants } from 'node:fs';
import { access, mkdir, open, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { MAX_SOURCE_BYTES, MAX_TEMPLATE_BYTES } from '../../shared/limits.ts';
import { SOURCE_FILE_NAME, sourceFileNameAdvice } from '../../shared/schemas/dataSourceApi.ts';
import { size } from '../terminal/words.ts';
import { UsageError } from './options.ts';

/** What the command line names. */
export interface NamedFiles {
  readonly template: string;
  readonly data: string;
  readonly out: string;
}

const TEMPLATE_FILE_NAME = /\.docx$/i;
const OTHER_WORD_FILE = /\.(doc|dot|dotx|docm|dotm|odt|rtf)$/i;

/**
 * Checks template and data, then makes the folder of the archive, if need be.
 * @throws UsageError that names the option at fault, and says what to do
 */
export async function checkFiles({ template, data, out }: NamedFiles): Promise<void> {
  if (SOURCE_FILE_NAME.test(template) && TEMPLATE_FILE_NAME.test(data)) {
    throw new UsageError(
      `--template ${template} is a table and --data ${data} is a Word document: swap them.`,
    );
  }
  if (!TEMPLATE_FILE_NAME.test(template)) {
    const advice = OTHER_WORD_FILE.test(template)
      ? 'Open it in Word and save it as a Word document (.docx).'
      : 'Name a Word document, which ends in .docx.';
    throw new UsageError(`--template ${template}: this cannot be a template. ${advice}`);
  }
  if (!SOURCE_FILE_NAME.test(basename(data))) {
    const advice = /\.(?:xl\w+|ods|fods|numbers)$/i.test(data)
      ? sourceFileNameAdvice(data)
      : 'Name a table, which ends in .csv, .xlsx, .json or .jsonl, or in .csv.gz, .json.gz or .jsonl.gz.';
    throw new UsageError(`--data ${data}: this cannot be read. ${advice}`);
  }
  await requireFile(template, '--template', MAX_TEMPLATE_BYTES);
  await requireFile(data, '--data', MAX_SOURCE_BYTES);
  await requireZip(template);
  for (const [option, input] of [
    ['--template', template],
    ['--data', data],
  ] as const) {
    if (await isSameFile(out, input)) {
      throw new UsageError(
        `--out ${out}: this is the file of ${option}, which would be lost. Name another file.`,
      );
    }
  }
  await requireWritable(out, '--out');
}

const isFolder = (path: string) =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

/** @param option that named the file, such as --data */
async function requireFile(path: string, option: string, maxBytes: number): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory()) {
    throw new UsageError(`${option} ${path}: this is a folder. Name a file.`);
  }
  const isReadable = await access(path, constants.R_OK).then(
    () => true,
    () => false,
  );
  if (found === undefined || !isReadable) {
    throw new UsageError(`${option} ${path}: there is no such file, or it cannot be read.`);
  }
  if (!found.isFile()) {
    throw new UsageError(`${option} ${path}: this is a pipe or a device. Name a file.`);
  }
  if (found.size === 0) throw new UsageError(`${option} ${path}: the file is empty.`);
  if (found.size > maxBytes) {
    throw new UsageError(
      `${option} ${path}: the file has ${size(found.size)}, and ${size(maxBytes)} are the most.`,
    );
  }
}

/** A .docx is a ZIP file, and begins as one. */
async function requireZip(path: string): Promise<void> {
  const file = await open(path);
  try {
    const { buffer } = await file.read(Buffer.alloc(2), 0, 2, 0);
    if (buffer.toString('latin1') === 'PK') return;
  } finally {
    await file.close();
  }
  throw new UsageError(
    `--template ${path}: this is no Word document, whatever its name says. ` +
      'Open it in Word and save it as a Word document (.docx).',
  );
}

/** Whether both paths lead to one file; the first need not be there. */
async function isSameFile(path: string, existing: string): Promise<boolean> {
  const place = await realpath(path).catch(async () =>
    join(await realpath(dirname(path)).catch(() => resolve(dirname(path))), basename(path)),
  );
  return place === (await realpath(existing));
}

/** Makes the folder that a file is to be written to, if need be. */
async function requireWritable(path: string, option: string): Promise<void> {
  if (await isFolder(path)) {
    throw new UsageError(`${option} ${path}: this is a folder. Name a file.`);
  }
  try {
    await mkdir(dirname(path), { recursive: true });
    await access(dirname(path), constants.W_OK);
    await access(path, constants.W_OK).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
  } catch {
    throw new UsageError(`${option} ${path}: no file can be written there. Name another place.`);
  }
}
