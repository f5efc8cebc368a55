import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openHttpFile, type HttpFile, type Link } from '../../../../cli/files/httpFile.ts';
import { ApiError } from '../../../../client/errors.ts';
import { readAll } from '../../../support/archives.ts';
import { startFileServer, type FileServer } from '../../../support/fileServer.ts';

const CONTENT = randomBytes(1_000_000);
const PATIENCE = { silenceMs: 60_000, firstWaitMs: 1 };

let server: FileServer;
let files: HttpFile[];
beforeEach(async () => {
  server = await startFileServer(CONTENT);
  files = [];
});
afterEach(async () => {
  for (const file of files) await file.close();
  await server.close();
});

async function open(
  link: () => Promise<Link> = server.link,
  { patience = PATIENCE, signal = new AbortController().signal } = {},
) {
  const file = await openHttpFile(link, signal, undefined, patience);
  files.push(file);
  return file;
}
const whole = (file: HttpFile) => readAll(file.stream({ offset: 0, length: file.bytes }));

describe('a file behind a link', () => {
  it('is read by one request for as long as it is read on', async () => {
    const file = await open();
    expect(file).toMatchObject({ bytes: CONTENT.length, etag: '"one"' });
    expect((await whole(file)).equals(CONTENT)).toBe(true);
    expect(server.asked).toHaveLength(1);
  });

  it('is asked for anew from where it is read, if that lies far ahead or behind', async () => {
    const large = randomBytes(4_000_000);
    server.behaviour.content = large;
    const file = await open();
    const read = async (offset: number) => Buffer.from(await file.read({ offset, length: 10 }));
    expect((await read(3_000_000)).equals(large.subarray(3_000_000, 3_000_010))).toBe(true);
    expect((await read(3_000_500)).equals(large.subarray(3_000_500, 3_000_510))).toBe(true);
    expect((await read(20)).equals(large.subarray(20, 30))).toBe(true);
    expect(server.asked.map(({ range }) => range)).toEqual([
      'bytes=0-',
      'bytes=3000000-',
      'bytes=20-',
    ]);
  });

  it('is the same byte for byte when every connection breaks', async () => {
    server.behaviour.breaksAfter = 100_000;
    expect((await whole(await open())).equals(CONTENT)).toBe(true);
    const [first, ...others] = server.asked;
    expect(first).toMatchObject({ range: 'bytes=0-', ifMatch: undefined });
    expect(others.length).toBeGreaterThanOrEqual(9);
    expect(others.every(({ ifMatch }) => ifMatch === '"one"')).toBe(true);
    // What was cut off on its way is all that is sent twice.
    expect(server.sent).toBeLessThan(1.5 * CONTENT.length);
  });

  it('gets a link anew when one has expired in the middle', async () => {
    server.behaviour.breaksAfter = 300_000;
    let signed = 0;
    const link = () => Promise.resolve({ url: `${server.url}?signed=${++signed}` });
    server.behaviour.instead = ({ path, nth }, response) => {
      const isOld = nth > 2 && path.endsWith('=1');
      if (isOld) response.writeHead(403).end('<Code>AccessDenied</Code>');
      return isOld;
    };
    expect((await whole(await open(link))).equals(CONTENT)).toBe(true);
    expect(signed).toBe(2);
  });

  it('says why when no link is given any more', async () => {
    server.behaviour.breaksAfter = 300_000;
    let signed = 0;
    const link = () =>
      signed++ === 0
        ? server.link()
        : Promise.reject(new ApiError(404, 'The task is gone.', { code: 'TASK_NOT_FOUND' }));
    server.behaviour.instead = ({ nth }, response) => {
      if (nth > 1) response.writeHead(403).end();
      return nth > 1;
    };
    await expect(whole(await open(link))).rejects.toThrow('The task is gone.');
  });

  it.each([
    ['412', () => undefined],
    ['another tag', () => (server.behaviour.conditions = false)],
    ['another size', () => Object.assign(server.behaviour, { conditions: false, etag: undefined })],
  ])('is refused when it changed meanwhile, as told by %s', async (_, how) => {
    server.behaviour.breaksAfter = 400_000;
    const file = await open();
    server.behaviour.content = randomBytes(900_000);
    server.behaviour.etag = '"two"';
    how();
    await expect(whole(file)).rejects.toThrow(/changed while it was downloaded/);
  });

  it('of a weak tag is not held to a condition that never holds', async () => {
    server.behaviour.etag = 'W/"one"';
    server.behaviour.breaksAfter = 400_000;
    const file = await open();
    expect(file.etag).toBeUndefined();
    expect((await whole(file)).equals(CONTENT)).toBe(true);
  });

  it('is read past what is not wanted where a server knows no ranges', async () => {
    server.behaviour.ranges = false;
    const large = randomBytes(3_000_000);
    server.behaviour.content = large;
    const file = await open();
    expect(Buffer.from(await file.read({ offset: 2_999_990, length: 10 }))).toEqual(
      large.subarray(-10),
    );
    expect((await whole(file)).equals(large)).toBe(true);
    expect(server.asked).toHaveLength(2);
  });

  it('breaks off where a server knows no ranges and breaks', async () => {
    Object.assign(server.behaviour, { ranges: false, breaksAfter: 400_000 });
    await expect(whole(await open())).rejects.toThrow(/broke off .* could not be taken up/);
  });

  it.each([
    ['another range', { 'content-range': `bytes 5-999999/1000000` }],
    ['no range', {}],
    ['several ranges', { 'content-type': 'multipart/byteranges; boundary=x' }],
  ])('is not taken from an answer with %s', async (_, headers) => {
    server.behaviour.instead = (_asked, response) => {
      response.writeHead(206, { etag: '"one"', ...headers }).end(CONTENT.subarray(5));
      return true;
    };
    await expect(open()).rejects.toThrow(/another range than asked for/);
  });

  it('tells an empty one', async () => {
    server.behaviour.instead = (_, response) => {
      response.writeHead(416, { 'content-range': 'bytes */0' }).end();
      return true;
    };
    await expect(open()).rejects.toThrow('The download is empty.');
    expect(server.asked).toHaveLength(1);
  });

  it('that became shorter is another one', async () => {
    server.behaviour.breaksAfter = 400_000;
    const file = await open();
    Object.assign(server.behaviour, { content: CONTENT.subarray(0, 1000), conditions: false });
    await expect(whole(file)).rejects.toThrow(/changed while it was downloaded/);
  });

  it('is asked for again where an answer has less than it said', async () => {
    server.behaviour.instead = ({ nth, range }, response) => {
      if (nth > 1) return false;
      expect(range).toBe('bytes=0-');
      // Without a length, so that nothing but the count tells.
      response.writeHead(206, { etag: '"one"', 'content-range': 'bytes 0-999999/1000000' });
      response.end(CONTENT.subarray(0, 12_345));
      return true;
    };
    expect((await whole(await open())).equals(CONTENT)).toBe(true);
    expect(server.asked.map(({ range }) => range)).toEqual(['bytes=0-', 'bytes=12345-']);
  });

  it('ends where it said, whatever else comes', async () => {
    server.behaviour.instead = (_, response) => {
      response.writeHead(206, { etag: '"one"', 'content-range': 'bytes 0-999999/1000000' });
      response.end(Buffer.concat([CONTENT, randomBytes(5000)]));
      return true;
    };
    expect((await whole(await open())).equals(CONTENT)).toBe(true);
  });

  it('has to say how large it is', async () => {
    server.behaviour.instead = (_, response) => {
      response.writeHead(200, { etag: '"one"' });
      response.write('x');
      response.end(CONTENT);
      return true;
    };
    await expect(open()).rejects.toThrow(/does not say how large it is/);
    expect(server.asked).toHaveLength(1);
  });

  it('is not taken from whoever changes it on its way', async () => {
    server.behaviour.instead = (_, response) => {
      const zipped = gzipSync(CONTENT);
      const headers = { 'content-encoding': 'gzip', 'content-length': zipped.length };
      response.writeHead(200, headers).end(zipped);
      return true;
    };
    await expect(open()).rejects.toThrow(/another form than it was made \(gzip\)/);
  });

  it('is asked for again after passing troubles of a server', async () => {
    server.behaviour.instead = ({ nth }, response) => {
      if (nth < 4) response.writeHead([503, 500, 429][nth - 1] ?? 500).end();
      return nth < 4;
    };
    let signed = 0;
    const file = await open(() => (signed++, server.link()));
    expect((await whole(file)).equals(CONTENT)).toBe(true);
    expect(signed).toBe(1);
  });

  it.each(['headers', 'content'])('is asked for again when no %s come', async (what) => {
    server.behaviour.instead = ({ nth }, response) => {
      if (nth > 1) return false;
      if (what === 'content') {
        response.writeHead(206, { etag: '"one"', 'content-range': 'bytes 0-999999/1000000' });
        response.write(CONTENT.subarray(0, 1000));
      }
      return true;
    };
    const file = await open(server.link, { patience: { silenceMs: 100, firstWaitMs: 1 } });
    expect((await whole(file)).equals(CONTENT)).toBe(true);
    expect(server.asked.length).toBeGreaterThan(1);
  });

  it('is given up when nothing comes, again and again', async () => {
    server.behaviour.instead = () => true;
    const patience = { silenceMs: 20, firstWaitMs: 1 };
    await expect(open(server.link, { patience })).rejects.toThrow(
      'The download broke off (nothing came for 0.02 s) and could not be taken up. Run the command again.',
    );
    expect(server.asked).toHaveLength(6);
  });

  it('says what the system says where nobody listens', async () => {
    const { url } = server;
    await server.close();
    await expect(open(() => Promise.resolve({ url }))).rejects.toThrow(/broke off \(ECONNREFUSED/);
    server = await startFileServer(CONTENT);
  });

  it('is left at once when it is to be, also between tries', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const file = await open(server.link, { signal });
    const reason = new Error('stop');
    controller.abort(reason);
    await expect(whole(file)).rejects.toBe(reason);
    server.behaviour.instead = (_, response) => (response.writeHead(503).end(), true);
    const second = new AbortController();
    setTimeout(() => second.abort(reason), 50);
    const patience = { silenceMs: 1000, firstWaitMs: 600_000 };
    await expect(open(server.link, { signal: second.signal, patience })).rejects.toBe(reason);
  });
});
