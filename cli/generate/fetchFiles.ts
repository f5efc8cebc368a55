/**
 * Files at addresses that somebody listed. Requests go through the port that judges every address they
 * lead to, also behind a redirect: none reaches a private network (docs/security.md).
 */
import { mkdtemp, rename, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { createGuardedWeb } from '../../functions/adapters/guardedWeb.ts';
import { runLanes } from '../../shared/boundedWork.ts';
import type { WebAnswer, WebFailure } from '../../shared/ports.ts';
import { foldName, safeCharacters, safeEdges } from '../../shared/rendering/safeNames.ts';
import { UsageError } from '../errors.ts';
import { isDataName, isTemplateName } from '../files/inputs.ts';
import { size } from '../terminal/words.ts';

const AT_ONCE = 4;
/** They are held in memory while they are fetched. */
const MOST_BYTES = 64 * 1024 * 1024;
const TIMEOUT_MS = 60_000;
const MOST_REDIRECTS = 5;
/** Of a name, which keeps its end. */
const MOST_CHARACTERS = 60;

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
      const asked = web.request({
        method: 'GET',
        url,
        headers: { accept: '*/*', 'accept-encoding': 'identity', 'user-agent': 'sheaf' },
        timeoutMs: TIMEOUT_MS,
        maxBytes: MOST_BYTES,
      });
      const answer = await unlessAborted(asked, signal);
      if ('failure' in answer) throw fail(FAILURES[answer.failure]);
      const { status, headers, body, isWhole } = answer;
      const next = headers['location'];
      if (status >= 300 && status < 400 && next !== undefined && URL.canParse(next, url)) {
        url = new URL(next, url).href;
        continue;
      }
      if (status !== 200) throw fail(`it answers with HTTP ${status}`);
      if (!isWhole) throw fail(`it has more than ${size(MOST_BYTES)}, or came only in part`);
      const name = nameOf(listed, url, answer);
      const content = unpacked(name, headers['content-encoding'], body);
      if (!content) throw fail('what it sends is packed in a way that cannot be read');
      return { name, body: content };
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
  const counts = new Map<string, number>();
  for (const [index, name] of names.entries()) {
    let own = name;
    let nth = counts.get(foldName(name)) ?? 1;
    while (taken.has(foldName(own))) own = name.replace(/(?=(\.[^.]+(\.gz)?)?$)/, `-${++nth}`);
    counts.set(foldName(name), nth);
    taken.add(foldName(own));
    const path = join(await mkdtemp(join(folder, 'url-')), own);
    await rename(join(folder, String(index)), path);
    paths.push(path);
  }
  return paths;
}

/** Whoever stops is not kept by a server that is slow; the answer is not looked at any more. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason as Error);
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/** Content as it is without the packing of its way; undefined when that cannot be told. */
function unpacked(name: string, encoding = 'identity', body: Uint8Array): Uint8Array | undefined {
  // Some servers say of a packed file itself that it is packed.
  if (encoding === 'identity' || /\.gz$/i.test(name)) return body;
  if (!/^(x-)?gzip$/i.test(encoding)) return undefined;
  try {
    return gunzipSync(body, { maxOutputLength: MOST_BYTES });
  } catch {
    return undefined;
  }
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
  const names = [
    disposedName(headers['content-disposition'] ?? ''),
    pathName(listed),
    pathName(url),
  ].map((name) => safe(name ?? ''));
  const named = names.find((name) => isDataName(name) || isTemplateName(name));
  if (named !== undefined) return named;
  const [type = ''] = (headers['content-type'] ?? '').split(';');
  const ending = ENDINGS[type.trim().toLowerCase()];
  const stem = names.find((name) => name !== '') ?? 'file';
  return ending === undefined ? stem : `${stem}${ending}`;
}

/** The name that a server gives (RFC 6266): what is encoded stands for more than what is not. */
function disposedName(text: string): string | undefined {
  const encoded = /filename\*\s*=\s*utf-8'[^']*'([^;\s]+)/i.exec(text)?.[1];
  if (encoded !== undefined) return decoded(encoded);
  const [, quoted, plain] = /filename\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;]+))/i.exec(text) ?? [];
  return quoted?.replace(/\\(.)/g, '$1') ?? plain;
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
const safe = (name: string) => {
  const own = safeCharacters(basename(name.replaceAll('\\', '/')));
  return safeEdges(Array.from(own).slice(-MOST_CHARACTERS).join(''));
};
