/** Puts the files of the console where browsers get them from. */
import { runLanes } from '../boundedWork.ts';
import type { Clock } from '../ports.ts';
import {
  CONFIG,
  configOf,
  headersOfFile,
  HASHED_FOLDER,
  PAGE,
  type FileHeaders,
} from './consoleFiles.ts';

/** Files that lie somewhere, by their paths. */
export interface FileSource {
  list(): Promise<string[]>;
  read(path: string): Promise<Uint8Array>;
}

/** A file that browsers get. */
export interface SiteFile {
  readonly path: string;
  /** When it was put there last, in milliseconds since 1970. */
  readonly putAt: number;
}

/** Where browsers get them from. */
export interface Site {
  put(path: string, bytes: Uint8Array, headers: FileHeaders): Promise<void>;
  list(): Promise<SiteFile[]>;
  delete(path: string): Promise<void>;
  /** Has copies that are kept elsewhere fetched anew. */
  forgetCopies(paths: readonly string[]): Promise<void>;
}

export interface PublishingPorts {
  readonly clock: Pick<Clock, 'now'>;
  readonly files: FileSource;
  readonly site: Site;
}

/** A page that was opened before a deployment still loads its parts for as long. */
const KEPT_FOR_MS = 7 * 24 * 60 * 60 * 1000;

/** Requests to the site at a time: some dozens of small files. */
const AT_ONCE = 8;

const each = (paths: readonly string[], work: (path: string) => Promise<void>): Promise<void> =>
  runLanes([{ atOnce: AT_ONCE, work: paths.map((path) => () => work(path)) }]);

/**
 * Publishes all files. The page goes last: whoever gets it finds what it names. What pages of before name
 * stays for a week, as they may be open still.
 */
export async function publishConsole(
  { clock, files, site }: PublishingPorts,
  apiUrl: string,
): Promise<void> {
  const paths = await files.list();
  const put = async (path: string) => site.put(path, await files.read(path), headersOfFile(path));
  await each(
    paths.filter((path) => path !== PAGE),
    put,
  );
  await site.put(CONFIG, new TextEncoder().encode(configOf(apiUrl)), headersOfFile(CONFIG));
  await put(PAGE);

  // Names of the others change with their contents.
  const renewed = [...paths, CONFIG].filter((path) => !path.startsWith(`${HASHED_FOLDER}/`));
  await site.forgetCopies(['/', ...renewed.map((path) => `/${path}`)]);

  const current = new Set([...paths, CONFIG]);
  const old = (await site.list()).filter(
    ({ path, putAt }) => !current.has(path) && putAt < clock.now() - KEPT_FOR_MS,
  );
  await each(
    old.map(({ path }) => path),
    (path) => site.delete(path),
  );
}

/** Removes all files: a bucket that holds something cannot be deleted. */
export async function withdrawConsole({ site }: Pick<PublishingPorts, 'site'>): Promise<void> {
  const files = await site.list();
  await each(
    files.map(({ path }) => path),
    (path) => site.delete(path),
  );
}
