/** Checks of the files that a command line names: all that can be known before any work is done. */
import { constants } from 'node:fs';
import { access, mkdir, open, readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { MAX_SOURCE_BYTES, MAX_TEMPLATE_BYTES } from '../../shared/limits.ts';
import { SOURCE_FILE_NAME, sourceFileNameAdvice } from '../../shared/schemas/dataSourceApi.ts';
import { size } from '../terminal/words.ts';
import { UsageError } from '../errors.ts';

/** A file as it is named in messages; an argument has no option. */
const named = (option: string, path: string) => (option === '' ? path : `${option} ${path}`);

const TEMPLATE_FILE_NAME = /\.docx$/i;
const OTHER_WORD_FILE = /\.(doc|dot|dotx|docm|dotm|odt|rtf)$/i;

export const isTemplateName = (path: string) => TEMPLATE_FILE_NAME.test(path);
export const isDataName = (path: string) => SOURCE_FILE_NAME.test(basename(path));

/**
 * Checks a file that is to be a template.
 * @param option that named it, such as --template; '' for an argument
 * @throws UsageError that names the option and says what to do
 */
export async function checkTemplate(path: string, option = '--template'): Promise<void> {
  if (!isTemplateName(path)) {
    const advice = OTHER_WORD_FILE.test(path)
      ? 'Open it in Word and save it as a Word document (.docx).'
      : 'Name a Word document, which ends in .docx.';
    throw new UsageError(`${named(option, path)}: this cannot be a template. ${advice}`);
  }
  await requireFile(path, option, MAX_TEMPLATE_BYTES);
  await requireZip(path, option);
}

/** The same for a table of rows. */
export async function checkData(path: string, option = '--data'): Promise<void> {
  if (!isDataName(path)) {
    const advice = /\.(?:xl\w+|ods|fods|numbers)$/i.test(path)
      ? sourceFileNameAdvice(path)
      : 'Name a table, which ends in .csv, .xlsx, .json or .jsonl, or in .csv.gz, .json.gz or .jsonl.gz.';
    throw new UsageError(`${named(option, path)}: this cannot be read. ${advice}`);
  }
  await requireFile(path, option, MAX_SOURCE_BYTES);
}

/** @throws UsageError when template and table have changed places */
export function checkPlaces(template: string, data: string): void {
  if (!isDataName(template) || !isTemplateName(data)) return;
  throw new UsageError(
    `--template ${template} is a table and --data ${data} is a Word document: swap them.`,
  );
}

export const isFolder = (path: string) =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

/** @param option that named the file, such as --data */
async function requireFile(path: string, option: string, maxBytes: number): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory()) {
    throw new UsageError(`${named(option, path)}: this is a folder. Name a file.`);
  }
  const refusal = await access(path, constants.R_OK).then(
    () => undefined,
    ({ code }: NodeJS.ErrnoException) => code ?? 'ENOENT',
  );
  if (refusal === 'EBUSY') {
    throw new UsageError(`${named(option, path)}: another program holds the file. Close it there.`);
  }
  if (found === undefined || refusal !== undefined) {
    throw new UsageError(`${named(option, path)}: there is no such file, or it cannot be read.`);
  }
  if (!found.isFile()) {
    throw new UsageError(
      `${named(option, path)}: this is a pipe or a device. Name a file${option === '--data' ? '; rows may come by --data - ' : ''}.`,
    );
  }
  if (found.size === 0) throw new UsageError(`${named(option, path)}: the file is empty.`);
  if (found.size > maxBytes) {
    throw new UsageError(
      `${named(option, path)}: the file has ${size(found.size)}, and ${size(maxBytes)} are the most.`,
    );
  }
}

/** A .docx is a ZIP file, and begins as one. */
async function requireZip(path: string, option: string): Promise<void> {
  const file = await open(path);
  try {
    const { buffer } = await file.read(Buffer.alloc(2), 0, 2, 0);
    if (buffer.toString('latin1') === 'PK') return;
  } finally {
    await file.close();
  }
  throw new UsageError(
    `${named(option, path)}: this is no Word document, whatever its name says. ` +
      'Open it in Word and save it as a Word document (.docx).',
  );
}

/** Where a path leads, through links; of what is not there yet, through those before it. */
async function placeOf(path: string): Promise<string> {
  return realpath(path).catch(async () => {
    const parent = dirname(resolve(path));
    const place = parent === resolve(path) ? parent : await placeOf(parent);
    return join(place, basename(path));
  });
}

/**
 * Checks a file that is to be written, and makes its folder.
 * @param inputs what must not be lost: options with the paths that they name
 * @throws UsageError
 */
export async function checkOutputFile(
  path: string,
  option: string,
  force: boolean,
  inputs: readonly (readonly [option: string, path: string])[],
): Promise<void> {
  const place = await placeOf(path);
  for (const [input, inputPath] of inputs) {
    if (place !== (await placeOf(inputPath))) continue;
    throw new UsageError(
      `${option} ${path}: this is the file of ${input}, which would be lost. Name another file.`,
    );
  }
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory()) {
    throw new UsageError(`${option} ${path}: this is a folder. Name a file.`);
  }
  if (found?.isFile() === false) {
    throw new UsageError(`${option} ${path}: this is a pipe or a device. Name a file.`);
  }
  if (found && !force) {
    throw new UsageError(
      `${option} ${path}: there is such a file already. --force replaces it, or name another one.`,
    );
  }
  await requireFolder(dirname(path), path, option);
}

/**
 * Checks a folder that files are to be written to, and makes it.
 * @param mayHold whether it may hold files already
 * @throws UsageError
 */
export async function checkOutputFolder(
  path: string,
  option: string,
  mayHold: boolean,
  inputs: readonly (readonly [option: string, path: string])[],
): Promise<void> {
  const place = await placeOf(path);
  for (const [input, inputPath] of inputs) {
    const inner = await placeOf(inputPath);
    const isAround = place === inner || place.startsWith(inner + sep);
    if (!isAround) continue;
    throw new UsageError(
      `${option} ${path}: this is inside of ${input} ${inputPath}. Name a folder that nothing is read from.`,
    );
  }
  const found = await stat(path).catch(() => undefined);
  if (found && !found.isDirectory()) {
    throw new UsageError(
      `${option} ${path}: this is a file. Name a folder, or an archive that ends in .zip.`,
    );
  }
  const held = found && !mayHold ? await readdir(path) : [];
  // What this program keeps in such a folder is no reason.
  if (held.some((name) => !name.startsWith('.sheaf'))) {
    throw new UsageError(
      `${option} ${path}: the folder is not empty. --skip-existing goes on with what is there, --force replaces what has the same name, or name another folder.`,
    );
  }
  await requireFolder(path, path, option);
}

async function requireFolder(folder: string, path: string, option: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOSPC') throw error;
    throw new UsageError(`${option} ${path}: nothing can be written there. Name another place.`);
  }
}
