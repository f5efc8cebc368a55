/**
 * Files at addresses that somebody listed. Requests go through the port that judges every address they
 * lead to, also behind a redirect: none reaches a private network (docs/security.md).
 */
import { mkdtemp, rename, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { createGuardedWeb } from '../../functions/adapters/guardedWeb.ts';
import { runLanes } from '../../shared/boundedWork.ts';
import type { WebAnswer, WebFailure } from '../../shared/ports.ts';
import { UsageError } from '../errors.ts';
import { isDataName, isTemplateName } from '../files/inputs.ts';
import { size } from '../terminal/words.ts';

const AT_ONCE = 4;
/** They are held in memory while they are fetched. */
const MOST_BYTES = 64 * 1024 * 1024;
const TIMEOUT_MS = 60_000;
const MOST_REDIRECTS = 5;

const FAILURES: Readonly<Record<WebFailure, string>> = {
  not_allowed: 'this is no public address: only https is fetched, and nothing of a private network',
  unresolved: 'there is no such host',
  unreachable: 'the host does not answer',
  insecure: 'its certificate is not valid',
  timeout: `it was not there after ${TIMEOUT_MS / 1000} s`,
  broken: 'the connection broke off',
};

/** Endings by media types, where an address ends in none. */
const ENDINGS: Readonly<Record<string, string>> = {
  'text/csv': '.csv',
  'application/json': '.json',
  'application/jsonl': '.jsonl',
  'application/x-ndjson': '.jsonl',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': '.xlsx',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': '.docx',
};

/**
 * Fetches files into a folder, each under the name that its address has.
 * @returns their paths, in the order of the addresses
 * @throws UsageError that names the address; the signal's reason
 */
export async function fetchFiles(
  urls: readonly string[],
  folder: string,
  allowLoopback: boolean,
  signal: AbortSignal,
): Promise<string[]> {
  const web = createGuardedWeb({ allowLoopback });
  const get = async (listed: string) => {
    const fail = (why: string) => new UsageError(`--url-list ${shown(listed)}: ${why}.`);
    let url = listed;
    for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
      signal.throwIfAborted();
      const answer = await web.request({
        method: 'GET',
        url,
        headers: { accept: '*/*', 'user-agent': 'sheaf' },
        timeoutMs: TIMEOUT_MS,
        maxBytes: MOST_BYTES,
      });
      if ('failure' in answer) throw fail(FAILURES[answer.failure]);
      const { status, headers, body, isWhole } = answer;
      const next = headers['location'];
      if (status >= 300 && status < 400 && next !== undefined && URL.canParse(next, url)) {
        url = new URL(next, url).href;
        continue;
      }
      if (status !== 200) throw fail(`it answers with HTTP ${status}`);
      if (!isWhole) throw fail(`it has more than ${size(MOST_BYTES)}, or came only in part`);
      return { name: nameOf(listed, url, answer), body };
    }
    throw fail(`it leads on more than ${MOST_REDIRECTS} times`);
  };
  const names: string[] = [];
  const work = urls.map((url, index) => async () => {
    const { name, body } = await get(url);
    names[index] = name;
    await writeFile(join(folder, String(index)), body);
  });
  await runLanes([{ atOnce: AT_ONCE, work }]);
  const paths: string[] = [];
  const taken = new Set<string>();
  for (const [index, name] of names.entries()) {
    let own = name;
    for (let nth = 2; taken.has(own.toLowerCase()); nth++) {
      own = name.replace(/(?=(\.[^.]+(\.gz)?)?$)/, `-${nth}`);
    }
    taken.add(own.toLowerCase());
    const path = join(await mkdtemp(join(folder, 'url-')), own);
    await rename(join(folder, String(index)), path);
    paths.push(path);
  }
  return paths;
}

/** An address without what may be a secret in it. */
function shown(text: string): string {
  if (!URL.canParse(text)) return JSON.stringify(text);
  const { origin, pathname, search } = new URL(text);
  return `${origin}${pathname}${search === '' ? '' : '?…'}`;
}

/** The name of a file that is an input, wherever one is said: before or behind redirects, or by its type. */
function nameOf(
  listed: string,
  url: string,
  { headers }: Exclude<WebAnswer, { failure: unknown }>,
) {
  const disposed = /filename="?([^";]+)/i.exec(headers['content-disposition'] ?? '')?.[1];
  const names = [disposed, pathName(listed), pathName(url)].map((name) => safe(name ?? ''));
  const named = names.find((name) => isDataName(name) || isTemplateName(name));
  if (named !== undefined) return named;
  const [type = ''] = (headers['content-type'] ?? '').split(';');
  const ending = ENDINGS[type.trim().toLowerCase()];
  const stem = names.find((name) => name !== '') ?? 'file';
  return ending === undefined ? stem : `${stem}${ending}`;
}

const pathName = (url: string) => basename(decoded(new URL(url).pathname));

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** A name that stays in its folder, on any system. */
const safe = (name: string) =>
  basename(name.replaceAll('\\', '/'))
    .replace(/[^\p{L}\p{M}\p{N} ._()+-]/gu, '_')
    .replace(/^\.+/, '')
    .slice(-100);
