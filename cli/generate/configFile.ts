/** `sheaf.yaml`: the settings of a job in a file, with the line of whatever is wrong with it. */
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { isMap, isScalar, LineCounter, parseDocument, type Pair } from 'yaml';
import { UsageError } from '../errors.ts';
import { nearest } from './nearest.ts';
import { SETTING_NAMES, SETTINGS, type SettingName } from './settings.ts';

/** The file that is read without being named. */
export const USUAL_CONFIG = 'sheaf.yaml';
const MOST_BYTES = 1024 * 1024;

/** A value with where it was said, for messages. */
export interface Said {
  readonly value: unknown;
  readonly where: string;
}
export type SaidSettings = Partial<Record<SettingName, Said>>;

/**
 * Reads a file of settings. Paths in it are taken from its own folder on.
 * @throws UsageError with file, line, and what is wrong; what the file system says
 */
export async function readConfig(path: string): Promise<SaidSettings> {
  const bytes = await readFile(path);
  const refuse = (line: number | undefined, message: string) =>
    new UsageError(`${path}${line === undefined ? '' : `:${line}`}: ${message}`);
  if (bytes.length > MOST_BYTES) throw refuse(undefined, 'this is no file of settings.');
  const lines = new LineCounter();
  const document = parseDocument(bytes.toString('utf8'), {
    lineCounter: lines,
    uniqueKeys: true,
    stringKeys: true,
  });
  const lineOf = (offset: number | undefined) =>
    offset === undefined ? undefined : lines.linePos(offset).line;
  const [fault] = [...document.errors, ...document.warnings];
  if (fault) throw refuse(lineOf(fault.pos[0]), fault.message.split('\n')[0] ?? 'this is no YAML.');
  const { contents } = document;
  if (contents === null) return {};
  if (!isMap(contents)) {
    throw refuse(
      lineOf(contents.range?.[0]),
      'settings are lines such as "template: letter.docx".',
    );
  }
  const said: SaidSettings = {};
  for (const pair of contents.items as Pair[]) {
    const line = lineOf(isScalar(pair.key) ? pair.key.range?.[0] : undefined);
    const name = String(isScalar(pair.key) ? pair.key.value : pair.key);
    if (!isSetting(name)) {
      const near = nearest(name, SETTING_NAMES);
      throw refuse(
        line,
        `there is no setting ${JSON.stringify(name)}.${near === undefined ? '' : ` Did you mean ${near}?`}`,
      );
    }
    const value = (pair.value as { toJS(document: unknown): unknown } | null)?.toJS(document);
    // "data:" with nothing behind it says nothing.
    if (value === null || value === undefined) continue;
    said[name] = { value: inFolder(name, value, dirname(path)), where: `${path}:${line}: ${name}` };
  }
  return said;
}

const isSetting = (name: string): name is SettingName => Object.hasOwn(SETTINGS, name);

/** Paths from the folder of the file on; what is no text is left for the schema to refuse. */
function inFolder(name: SettingName, value: unknown, folder: string): unknown {
  if (!('isPath' in SETTINGS[name])) return value;
  const place = (path: unknown) =>
    typeof path === 'string' && path !== '-' && path !== '' ? resolve(folder, path) : path;
  return Array.isArray(value) ? value.map(place) : place(value);
}
