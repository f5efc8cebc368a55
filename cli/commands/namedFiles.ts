/** Templates and tables by the names of their files: what is known before anything is uploaded. */
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { MAX_SOURCE_BYTES, MAX_TEMPLATE_BYTES } from '../../shared/limits.ts';
import { SOURCE_FILE_NAME, sourceFileNameAdvice } from '../../shared/schemas/dataSourceApi.ts';
import { CreateTemplateSchema } from '../../shared/schemas/templateApi.ts';
import { UsageError } from '../errors.ts';
import { size } from '../terminal/words.ts';

/**
 * @param option that names the file, such as --template; '' for an argument
 * @param shown the path as it was given
 * @throws UsageError for a file that cannot be a template
 */
export async function requireTemplate(path: string, option: string, shown: string): Promise<void> {
  const named = CreateTemplateSchema.shape.fileName.safeParse(basename(path));
  const advice = named.success ? undefined : named.error.issues[0]?.message;
  await requireFile(path, label(option, shown), MAX_TEMPLATE_BYTES, advice);
}

/** As requireTemplate, for a file with rows. */
export async function requireTable(path: string, option: string, shown: string): Promise<void> {
  const name = basename(path);
  const advice = SOURCE_FILE_NAME.test(name) ? undefined : sourceFileNameAdvice(name);
  await requireFile(path, label(option, shown), MAX_SOURCE_BYTES, advice);
}

const label = (option: string, shown: string) => (option === '' ? shown : `${option} ${shown}`);

async function requireFile(
  path: string,
  what: string,
  maxBytes: number,
  advice: string | undefined,
): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw new UsageError(`${what}: there is no such file.`);
  if (found.isDirectory()) throw new UsageError(`${what}: this is a folder. Name a file.`);
  if (!found.isFile()) throw new UsageError(`${what}: this is no file. Name one.`);
  if (advice !== undefined) throw new UsageError(`${what}: this cannot be used. ${advice}`);
  if (found.size === 0) throw new UsageError(`${what}: the file is empty.`);
  if (found.size > maxBytes) {
    throw new UsageError(
      `${what}: the file has ${size(found.size)}, and ${size(maxBytes)} are the most.`,
    );
  }
}
