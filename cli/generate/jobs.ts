/** The tasks that a command line asks for: what each is made of, and where it goes. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { tmpdir } from 'node:os';
import { ALLOW_LOOPBACK_TARGETS } from '../../shared/names.ts';
import type { TaskView } from '../../shared/schemas/taskApi.ts';
import { UsageError } from '../errors.ts';
import {
  checkData,
  checkOutputFile,
  checkOutputFolder,
  checkPlaces,
  checkTemplate,
  isDataName,
  isFolder,
  isTemplateName,
} from '../files/inputs.ts';
import { foldName } from '../../shared/rendering/safeNames.ts';
import { counted, size } from '../terminal/words.ts';
import type { World } from '../world.ts';
import { fetchFiles } from './fetchFiles.ts';
import { labelsOf, stemOf } from './labels.ts';
import type { Settings } from './settings.ts';
import { readInput, saveInput } from './standardInput.ts';

/** Where documents go: into an archive, or as files into a folder. */
export interface Place {
  readonly kind: 'archive' | 'folder';
  readonly path: string;
}

/** Files that a task is made of. */
export interface JobFiles {
  readonly templates: readonly string[];
  readonly data: string;
}

interface JobOf<S> {
  /** What people know it by. */
  readonly label: string;
  readonly source: S;
  readonly place: Place;
  /** The file for its table of results, if it is to be written. */
  readonly results: string | undefined;
}
/** A task that is to be made. */
export type NewJob = JobOf<JobFiles>;
/** A task that there is. */
export type ResumedJob = JobOf<{ readonly task: TaskView }>;
export type Job = NewJob | ResumedJob;

export interface Plan<J extends Job> {
  readonly jobs: readonly J[];
  /** Removes what was fetched or read from standard input. */
  readonly remove: () => Promise<void>;
}

/** Stands for the name of a job's file in --out and --results. */
export const INPUT_MARK = '{input}';
const MOST_LIST_BYTES = 16 * 1024 * 1024;
/** One command has no more tasks than this. */
const MOST_JOBS = 10_000;

type Source = Pick<World, 'stdin' | 'env'> & { readonly note: (text: string) => void };

/**
 * Finds out what is to be done, with every file and place checked before anything is.
 * @param usual name of the output where none is given, such as documents
 * @throws UsageError; the signal's reason
 */
export async function planJobs(
  settings: Settings,
  source: Source,
  usual: string,
  signal: AbortSignal,
): Promise<Plan<NewJob>> {
  let scratch: string | undefined;
  const folder = async () => (scratch ??= await mkdtemp(join(tmpdir(), 'sheaf-inputs-')));
  const remove = async () => {
    if (scratch !== undefined) await rm(scratch, { recursive: true, force: true });
  };
  try {
    const jobs = await findJobs(settings, source, usual, folder, signal);
    await checkJobs(jobs, settings);
    return { jobs, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function findJobs(
  settings: Settings,
  source: Source,
  usual: string,
  folder: () => Promise<string>,
  signal: AbortSignal,
): Promise<NewJob[]> {
  const { template: templates = [], data, steps } = settings;
  const list = await readList(settings, source, folder, signal);
  if (!list) {
    if (templates.length === 0 && steps === undefined) {
      throw new UsageError(
        'Name a template with --template, such as --template letter.docx. sheaf init makes an example.',
      );
    }
    if (data === undefined) {
      throw new UsageError('Name the rows with --data, such as --data people.xlsx.');
    }
    for (const template of templates) checkPlaces(template, data);
    const isTyped = data === '-' && source.stdin.isTTY;
    if (isTyped) source.note('Rows are read from this terminal; Ctrl+D ends them.');
    const path =
      data === '-'
        ? await saveInput(source.stdin, await folder(), settings['data-format'], signal)
        : data;
    const out = settings.out ?? usualOut(settings, usual);
    const place = placeOf(out, out.includes(INPUT_MARK) ? stemOf(path) : undefined);
    const label = basename(place.path).replace(/\.zip$/i, '') || usual;
    const results = marked(settings.results, stemOf(path));
    return [{ label, source: { templates, data: path }, place, results }];
  }
  const { option, paths } = list;
  const areTemplates = data !== undefined;
  if (areTemplates && templates.length > 0) {
    throw new UsageError(
      `${option} gives the templates for --data, or the tables for --template. Leave one of the two out.`,
    );
  }
  if (!areTemplates && templates.length === 0 && steps === undefined) {
    throw new UsageError(
      `${option} needs --template, which each table is for, or --data for each template.`,
    );
  }
  const kept = keepKind(list, areTemplates, source.note);
  requireFew(option, kept);
  if (data === '-') {
    throw new UsageError(`--data - reads one table, and ${option} gives several templates.`);
  }
  const several = kept.length > 1 || paths.length > 1;
  const labels = labelsOf(kept);
  return kept.map((path, index) => {
    const label = labels[index] ?? stemOf(path);
    const out = settings.out ?? usualOut(settings, join(usual, INPUT_MARK));
    if (several && /\.zip$/i.test(out) && !out.includes(INPUT_MARK)) {
      throw new UsageError(
        `--out ${out}: there are ${counted(kept.length, 'task')}. Write ${INPUT_MARK} where the name of the file belongs, such as ${out.replace(/\.zip$/i, `-${INPUT_MARK}.zip`)}, or name a folder.`,
      );
    }
    if (several && settings.results !== undefined && !settings.results.includes(INPUT_MARK)) {
      throw new UsageError(
        `--results ${settings.results}: write ${INPUT_MARK} where the name of the file belongs.`,
      );
    }
    return {
      label,
      source: areTemplates ? { templates: [path], data } : { templates, data: path },
      place: placeOf(out, label),
      results: marked(settings.results, label),
    };
  });
}

function requireFew(option: string, files: readonly string[]): void {
  if (files.length <= MOST_JOBS) return;
  throw new UsageError(
    `${option}: ${counted(files.length, 'file')} are too many for one command; ${counted(MOST_JOBS, 'task')} are the most.`,
  );
}

const usualOut = ({ 'skip-existing': skipExisting = false }: Settings, path: string) =>
  skipExisting ? path : `${path}.zip`;

/** A path with the name of a job's file where it is to stand; that may hold anything, such as $&. */
const marked = <T extends string | undefined>(path: T, input: string) =>
  path?.replaceAll(INPUT_MARK, () => input) as T;

/** @param input the name of the job's file, where there may be several */
function placeOf(out: string, input: string | undefined): Place {
  const path = input === undefined ? out : marked(out, input);
  if (/\.zip$/i.test(path)) return { kind: 'archive', path };
  const isOwn = input === undefined || out.includes(INPUT_MARK);
  return { kind: 'folder', path: isOwn ? path : join(path, input) };
}

interface InputList {
  /** What gave it, for messages. */
  readonly option: string;
  readonly paths: readonly string[];
  /** Whether somebody named each of them; those of a folder are taken as far as they fit. */
  readonly areNamed: boolean;
}

async function readList(
  settings: Settings,
  { stdin, env }: Source,
  folder: () => Promise<string>,
  signal: AbortSignal,
): Promise<InputList | undefined> {
  const dir = settings['input-dir'];
  const file = settings['file-list'];
  const urls = settings['url-list'];
  if ([dir, file, urls].filter((each) => each !== undefined).length > 1) {
    throw new UsageError(
      '--input-dir, --file-list and --url-list each say what the tasks are for. Give one of them.',
    );
  }
  if (dir !== undefined) return readDir(dir);
  if (file !== undefined) {
    const base = file === '-' ? '.' : dirname(file);
    const lines = await readLines('--file-list', file, stdin);
    const paths = lines.map((line) => (base === '.' ? line : resolve(base, line)));
    return { option: '--file-list', paths, areNamed: true };
  }
  if (urls === undefined) return undefined;
  const listed = await readLines('--url-list', urls, stdin);
  // Before anything is fetched.
  requireFew('--url-list', listed);
  const allowLoopback = env[ALLOW_LOOPBACK_TARGETS] === '1';
  const paths = await fetchFiles(listed, await folder(), allowLoopback, signal);
  return { option: '--url-list', paths, areNamed: true };
}

async function readDir(dir: string): Promise<InputList> {
  if (!(await isFolder(dir))) {
    throw new UsageError(`--input-dir ${dir}: there is no such folder.`);
  }
  const entries = await readdir(dir, { withFileTypes: true });
  const names = entries
    // Hidden files, and those that Office keeps beside a file that is open.
    .filter((entry) => !entry.isDirectory() && !/^(\.|~\$)/.test(entry.name))
    .map(({ name }) => name)
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  const paths = names.map((name) => join(dir, name));
  return { option: `--input-dir ${dir}`, paths, areNamed: false };
}

/** Lines that say something; those that begin with # are comments. */
async function readLines(
  option: string,
  path: string,
  stdin: NodeJS.ReadableStream,
): Promise<string[]> {
  const text =
    path === '-'
      ? textOf(await readInput(stdin, MOST_LIST_BYTES), option, path)
      : await readText(option, path);
  const lines = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  if (lines.length === 0) throw new UsageError(`${option} ${path}: the list is empty.`);
  const seen = new Set<string>();
  for (const line of lines) {
    if (seen.has(line)) throw new UsageError(`${option} ${path}: ${line} is listed twice.`);
    seen.add(line);
  }
  return lines;
}

/**
 * The text of a small file that an option names.
 * @throws UsageError
 */
export async function readText(option: string, path: string): Promise<string> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    const isDirectory = (error as NodeJS.ErrnoException).code === 'EISDIR';
    throw new UsageError(
      `${option} ${path}: ${isDirectory ? 'this is a folder. Name a file.' : 'there is no such file, or it cannot be read.'}`,
    );
  }
  return textOf(bytes, option, path);
}

/** In UTF-8, or in UTF-16 as PowerShell and Notepad write it; the mark that says so is no part of it. */
function textOf(bytes: Buffer, option: string, path: string): string {
  const marks = [
    ['utf-16le', 0xff, 0xfe],
    ['utf-16be', 0xfe, 0xff],
  ] as const;
  const [encoding] = marks.find(([, ...mark]) => mark.every((byte, at) => bytes[at] === byte)) ?? [
    'utf-8',
  ];
  const text = bytes.length > MOST_LIST_BYTES ? '\0' : new TextDecoder(encoding).decode(bytes);
  if (!text.includes('\0')) return text;
  throw new UsageError(
    `${option} ${path}: this is no text, or more than ${size(MOST_LIST_BYTES)}.`,
  );
}

/** Those that are of the kind that is wanted; of a folder, what else there is is told. */
function keepKind(
  { option, paths, areNamed }: InputList,
  areTemplates: boolean,
  note: (text: string) => void,
): readonly string[] {
  if (areNamed) return paths;
  const kept = paths.filter(areTemplates ? isTemplateName : isDataName);
  const left = paths.filter((path) => !kept.includes(path));
  const kind = areTemplates ? 'Word documents (.docx)' : 'tables (.csv, .xlsx, .json, .jsonl)';
  if (kept.length === 0) {
    throw new UsageError(`${option}: there are no ${kind} in it.`);
  }
  if (left.length > 0) {
    const shown = left.slice(0, 3).map((path) => basename(path));
    const more = left.length > shown.length ? ' and others' : '';
    note(`${option}: ${shown.join(', ')}${more} left out: no ${kind}.`);
  }
  return kept;
}

/** @throws UsageError for a file that cannot be read, or a place that cannot be written to */
async function checkJobs(jobs: readonly NewJob[], settings: Settings): Promise<void> {
  const { force = false, 'skip-existing': skipExisting = false } = settings;
  if (skipExisting && jobs.some(({ place }) => place.kind === 'archive')) {
    throw new UsageError(
      '--skip-existing is for documents in a folder. Name one: --out letters, without .zip.',
    );
  }
  const once = (check: (path: string, option: string) => Promise<void>) => {
    const checked = new Set<string>();
    return async (path: string, option: string) => {
      if (!checked.has(path)) await check(path, option);
      checked.add(path);
    };
  };
  const template = once(checkTemplate);
  const table = once(checkData);
  const places = new Map<string, string>();
  const read = filesRead(jobs, settings);
  for (const { source, place, results, label } of jobs) {
    const { templates, data } = source;
    for (const path of templates) await template(path, optionOf(settings));
    await table(data, optionOf(settings, data));
    if (settings['dry-run'] === true) continue;
    const written = [
      ['--out', place.path],
      ...(results === undefined ? [] : [['--results', results]]),
    ] as [string, string][];
    for (const [option, path] of written) {
      const other = places.get(foldName(resolve(path)));
      if (other !== undefined) {
        throw new UsageError(
          `${option} ${path}: two things would be written there, ${other} and ${option} of ${label}. Give them names of their own.`,
        );
      }
      places.set(foldName(resolve(path)), `${option} of ${label}`);
    }
    const inputs = [
      ...templates.map((path) => [optionOf(settings), path] as const),
      [optionOf(settings, data), data] as const,
      // Of other jobs, too.
      ...written.flatMap(([, path]) => read.get(resolve(path)) ?? []),
    ];
    if (place.kind === 'archive') await checkOutputFile(place.path, '--out', force, inputs);
    else {
      const dir = settings['input-dir'];
      const folders = dir === undefined ? [] : [['--input-dir', dir] as const];
      await checkOutputFolder(place.path, '--out', force || skipExisting, folders);
    }
    if (results !== undefined) await checkOutputFile(results, '--results', force, inputs);
  }
}

/** What all jobs are made of, and what says so: options with the files that they name, by their places. */
function filesRead(jobs: readonly NewJob[], settings: Settings) {
  const read = new Map<string, [readonly [option: string, path: string]]>();
  const add = (option: string, path: string | undefined) => {
    if (path !== undefined && path !== '-') read.set(resolve(path), [[option, path]]);
  };
  for (const option of ['file-list', 'url-list', 'steps'] as const) {
    add(`--${option}`, settings[option]);
  }
  for (const { templates, data } of jobs.map(({ source }) => source)) {
    add(optionOf(settings, data), data);
    for (const path of templates) add(optionOf(settings), path);
  }
  return read;
}

/** The option that named a file. */
function optionOf(settings: Settings, data?: string): string {
  const isListed = data === undefined ? settings.data !== undefined : settings.data === undefined;
  const list = (['input-dir', 'file-list', 'url-list'] as const).find(
    (name) => settings[name] !== undefined,
  );
  if (isListed && list) return `--${list}`;
  return data === undefined ? '--template' : '--data';
}
