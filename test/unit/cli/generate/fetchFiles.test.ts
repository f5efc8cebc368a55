import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { fetchFiles } from '../../../../cli/generate/fetchFiles.ts';

type Answer = (response: ServerResponse, request: IncomingMessage) => void;
const answers = new Map<string, Answer>();
const http = createServer((request, response) => {
  const answer = answers.get(request.url ?? '');
  if (answer) answer(response, request);
  else response.writeHead(404).end();
});
let origin: string;
beforeAll(async () => {
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  origin = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
});
afterAll(() => {
  http.close();
  http.closeAllConnections();
});

let folder: string;
beforeEach(async () => {
  answers.clear();
  folder = await mkdtemp(join(tmpdir(), 'sheaf-fetch-'));
});
afterEach(() => rm(folder, { recursive: true }));

const gives = (path: string, text: string | Uint8Array, headers = {}) =>
  answers.set(path, (response) => response.writeHead(200, headers).end(text));
const leads = (path: string, to: string) =>
  answers.set(path, (response) => response.writeHead(302, { location: to }).end());
const fetchAll = (paths: readonly string[], signal = new AbortController().signal) =>
  fetchFiles(
    paths.map((path) => (path.startsWith('/') ? origin + path : path)),
    folder,
    true,
    signal,
  );
/** The name of what one address gives, and its content. */
async function fetchOne(path: string) {
  const [file = ''] = await fetchAll([path]);
  return { name: basename(file), text: await readFile(file, 'utf8') };
}

describe('files at addresses', () => {
  it('come in their order, each in a folder of its own', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) gives(`/${name}.csv`, name);
    const paths = await fetchAll(['/c.csv', '/a.csv', '/f.csv', '/b.csv', '/e.csv', '/d.csv']);
    expect(await Promise.all(paths.map((path) => readFile(path, 'utf8')))).toEqual([...'cafbed']);
    expect(new Set(paths.map(dirname)).size).toBe(6);
  });

  it.each([
    ['a redirect', '/a.csv?from=1', 'a.csv'],
    ['one that leads to the name', '/go', 'b.csv'],
    ['an escaped name', '/J%C3%A4n%20(1).csv', 'Jän (1).csv'],
    ['a broken escape', '/100%.csv', '100%.csv'],
  ])('are named by the address: %s', async (_, path, name) => {
    leads('/a.csv?from=1', '/b.csv');
    leads('/go', '/b.csv');
    for (const place of ['/b.csv', '/J%C3%A4n%20(1).csv', '/100%.csv']) gives(place, 'x');
    expect(await fetchOne(path)).toEqual({ name, text: 'x' });
  });

  it.each([
    ['attachment; filename="jan.csv"', 'jan.csv'],
    ['attachment; filename=jan.xlsx; size=3', 'jan.xlsx'],
    [`attachment; filename="x.csv"; filename*=UTF-8''J%C3%A4n.csv`, 'Jän.csv'],
    ['attachment; filename="a \\"b\\"; c.csv"', 'a _b_; c.csv'],
    ['attachment; filename="../../etc/cron.d/x.csv"', 'x.csv'],
    ['attachment; filename="C:\\\\Windows\\\\x.csv"', 'x.csv'],
    ['attachment; filename="..csv"', '_.csv'],
    ['attachment; filename="con.csv"', '_con.csv'],
    ['attachment; filename="-rf.csv"', '_rf.csv'],
    ['attachment; filename="=cmd.csv"', '_cmd.csv'],
    [`attachment; filename*=UTF-8''a%00%0a%1b.csv`, 'a_ _.csv'],
    [`attachment; filename="${'x'.repeat(300)}.csv"`, `${'x'.repeat(56)}.csv`],
    ['attachment; filename="report.pdf"', 'report.pdf.csv'],
    ['inline', 'export.csv'],
  ])('are named by what the server says: %s', async (disposition, name) => {
    gives('/export', 'x', { 'content-disposition': disposition, 'content-type': 'text/csv' });
    expect((await fetchOne('/export')).name).toBe(name);
  });

  it.each([
    ['text/csv; charset=utf-8', 'export.csv'],
    ['APPLICATION/JSON', 'export.json'],
    ['application/x-ndjson', 'export.jsonl'],
    ['application/vnd.openxmlformats-officedocument.wordprocessingml.document', 'export.docx'],
    ['text/html', 'export'],
  ])('have the ending of their type: %s', async (type, name) => {
    gives('/export', 'x', { 'content-type': type });
    expect((await fetchOne('/export')).name).toBe(name);
  });

  it('of the same name are told apart, whatever their case', async () => {
    for (const path of [
      '/1/a.csv',
      '/2/A.csv',
      '/3/a.csv',
      '/4/a.csv.gz',
      '/5/a.csv.gz',
      '/6/a-2.csv',
    ])
      gives(path, 'x');
    const paths = await fetchAll([
      '/1/a.csv',
      '/2/A.csv',
      '/3/a.csv',
      '/4/a.csv.gz',
      '/5/a.csv.gz',
      '/6/a-2.csv',
    ]);
    expect(paths.map((path) => basename(path))).toEqual([
      'a.csv',
      'A-2.csv',
      'a-3.csv',
      'a.csv.gz',
      'a-2.csv.gz',
      'a-2-2.csv',
    ]);
  });

  it('are unpacked from what a server packs on its way, but not from their own packing', async () => {
    const packed = gzipSync('rows');
    gives('/a.csv', packed, { 'content-encoding': 'gzip' });
    gives('/a.csv.gz', packed, { 'content-encoding': 'gzip' });
    gives('/b.csv', packed, { 'content-encoding': 'br' });
    expect((await fetchOne('/a.csv')).text).toBe('rows');
    const [file = ''] = await fetchAll(['/a.csv.gz']);
    expect(await readFile(file)).toEqual(packed);
    await expect(fetchAll(['/b.csv'])).rejects.toThrow(/packed in a way that cannot be read/);
  });

  it.each([
    ['nothing is there', '/none.csv', /none\.csv: it answers with HTTP 404/],
    ['it leads round and round', '/round', /leads on more than 5 times/],
    ['it leads to a private network', '/inner', /\/inner: this is no public address/],
    ['it leads to where clouds keep secrets', '/metadata', /this is no public address/],
    ['it leads to a file', '/file', /this is no public address/],
    ['it leads nowhere', '/nowhere', /HTTP 302/],
    ['it is too large', '/large.csv', /more than 67/],
    ['it comes in part', '/half.csv', /came only in part|broke off/],
    ['it is no address', 'people.csv', /"people\.csv": this is no public address/],
    ['it is a private address', 'https://192.168.0.1/a.csv', /this is no public address/],
    ['it has a password', 'https://me:secret@example.org/a.csv', /org\/a\.csv: this is no public/],
  ])('are refused where %s', async (_, path, message) => {
    leads('/round', '/round');
    leads('/inner', 'https://10.0.0.1/a.csv');
    leads('/metadata', 'http://169.254.169.254/latest/meta-data/');
    leads('/file', 'file:///etc/passwd');
    answers.set('/nowhere', (response) => response.writeHead(302).end());
    answers.set('/large.csv', (response) =>
      response.writeHead(200).end(Buffer.alloc(65 * 2 ** 20)),
    );
    answers.set('/half.csv', (response) => {
      response.writeHead(200, { 'content-length': 1000 });
      response.write('x', () => response.destroy());
    });
    const failure = fetchAll([path]);
    await expect(failure).rejects.toThrow(message);
    await expect(failure).rejects.not.toThrow(/secret/);
  });

  it('of this machine are refused unless that is allowed', async () => {
    gives('/a.csv', 'x');
    const { signal } = new AbortController();
    await expect(fetchFiles([`${origin}/a.csv`], folder, false, signal)).rejects.toThrow(
      /this is no public address/,
    );
  });

  it('are not told with what may be secret in their addresses', async () => {
    await expect(fetchAll(['/none.csv?token=secret#also'])).rejects.toThrow(
      `--url-list ${origin}/none.csv?…: it answers with HTTP 404.`,
    );
  });

  it('are left at once when somebody stops, whatever the server does', async () => {
    answers.set('/slow.csv', () => undefined);
    const controller = new AbortController();
    const reason = new Error('stop');
    setTimeout(() => controller.abort(reason), 50);
    await expect(fetchAll(['/slow.csv'], controller.signal)).rejects.toBe(reason);
    expect(await readdir(folder)).toEqual([]);
  });
});
