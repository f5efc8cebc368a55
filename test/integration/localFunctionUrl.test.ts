/** The function URL of the local cloud: answers that are streamed through worker threads. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { bundleBootstrap } from '../../local/cloudFormation/assembly/assembly.ts';
import { createFunctionUrl } from '../../local/functionUrl/functionUrl.ts';
import { createFunctionPool, type FunctionPool } from '../../local/lambda/functionPool.ts';

const ARN = 'arn:aws:lambda:us-east-1:000000000000:function:subject';
const CORS = {
  AllowOrigins: ['https://letters.example'],
  AllowMethods: ['GET'],
  AllowHeaders: ['last-event-id'],
  ExposeHeaders: ['retry-after'],
  AllowCredentials: false,
};

let folder = '';
let bootstrapPath = '';
let pool: FunctionPool;
let server: Server;
let address = '';
const printed: string[] = [];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sheaf-url-'));
  bootstrapPath = bundleBootstrap(process.cwd(), folder);
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await pool.stop();
  printed.length = 0;
});

let bundles = 0;

/** Serves a function with this body, `(event, out, context)`; `out` has status 200 and a header. */
async function serve(body: string, { reserved = 5, timeoutMs = 20_000 } = {}) {
  const bundle = join(folder, `bundle-${++bundles}`);
  mkdirSync(bundle);
  writeFileSync(
    join(bundle, 'index.cjs'),
    `exports.handler = awslambda.streamifyResponse(async (event, stream, context) => {
      const head = { statusCode: 200, headers: { 'content-type': 'text/plain', 'x-own': 'yes' } };
      const out = event.rawPath === '/bare' ? stream : awslambda.HttpResponseStream.from(stream, head);
      ${body}
    });`,
  );
  pool = createFunctionPool({
    definitions: [
      {
        logicalId: 'Subject',
        name: 'subject',
        arn: ARN,
        handler: 'index.handler',
        folder: bundle,
        memoryMegabytes: 256,
        timeoutMs,
        reserved,
        environment: {},
        roleArn: '',
      },
    ],
    bootstrapPath,
    cores: 1,
    keptWarm: new Set(),
    streaming: new Set([ARN]),
    environmentOf: () => ({}),
    print: (_, line) => printed.push(line),
  });
  const url = createFunctionUrl({ functionArn: ARN, cors: CORS }, pool.stream);
  server = createServer((request, response) => url.handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/events`;
}

const ask = (path = '', headers: Record<string, string> = {}) =>
  new Promise<IncomingMessage>((resolve, reject) => {
    get(`${address}${path}`, { headers }, resolve).on('error', reject);
  });

describe('a function URL', () => {
  it('gives status and headers first, and each piece as it is written', async () => {
    await serve(`
      out.write('one');
      await new Promise((resolve) => setTimeout(resolve, 500));
      out.write('two');
      out.end();`);
    const answer = await ask();
    expect(answer.statusCode).toBe(200);
    expect(answer.headers).toMatchObject({ 'content-type': 'text/plain', 'x-own': 'yes' });
    const [first] = z.tuple([z.instanceof(Buffer)]).parse(await once(answer, 'data'));
    expect(first.toString()).toBe('one');
    expect(await text(answer)).toBe('two');
  });

  it('passes the request on as Lambda does', async () => {
    await serve('out.write(JSON.stringify(event)); out.end();');
    const answer = await ask('/a/b?ticket=x&y=1', { 'last-event-id': '7' });
    const event = z.looseObject({}).parse(JSON.parse(await text(answer)));
    expect(event).toMatchObject({
      version: '2.0',
      routeKey: '$default',
      rawPath: '/a/b',
      rawQueryString: 'ticket=x&y=1',
      pathParameters: null,
      stageVariables: null,
      requestContext: {
        authentication: null,
        authorizer: null,
        stage: '$default',
        http: { method: 'GET', path: '/a/b' },
      },
    });
    expect(event['headers']).toMatchObject({ 'last-event-id': '7' });
  });

  it('has a function wait for a client that does not read', async () => {
    await serve(`
      const piece = Buffer.alloc(65_536, 'x');
      for (let i = 0; i < 400; i++) {
        console.log('wrote ' + i);
        if (!out.write(piece)) await new Promise((resolve) => out.once('drain', resolve));
      }
      out.end();`);
    const warnings: Error[] = [];
    process.on('warning', (warning) => warnings.push(warning));
    const answer = await ask();
    answer.pause();
    const written = () => printed.join('').match(/wrote/g)?.length ?? 0;
    let before = -1;
    while (written() !== before || before < 1) {
      before = written();
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    // What sockets hold, of 25 MB.
    expect(before).toBeLessThan(200);
    expect(Buffer.byteLength(await text(answer))).toBe(400 * 65_536);
    expect(warnings).toEqual([]);
  });

  it('does not tell a function that its client has left', async () => {
    await serve(`
      stream.on('close', () => console.log('closed'));
      out.write('one');
      await new Promise((resolve) => setTimeout(resolve, 500));
      for (let i = 0; i < 50; i++) {
        if (!out.write(Buffer.alloc(65_536))) await new Promise((r) => out.once('drain', r));
      }
      console.log('went on to the end');
      out.end();`);
    const answer = await ask();
    answer.destroy();
    while (!printed.join('').includes('went on to the end')) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(printed.join('')).not.toMatch(/closed[^]*went on/);
  });

  it('refuses what is more than the executions that are reserved', async () => {
    await serve(`out.write('one'); await new Promise(() => setInterval(() => 0, 1_000));`, {
      reserved: 2,
    });
    expect([(await ask()).statusCode, (await ask()).statusCode]).toEqual([200, 200]);
    const refused = await ask();
    expect([refused.statusCode, await text(refused)]).toEqual([
      429,
      '{"Message":"Rate Exceeded."}',
    ]);
  });

  it('ends an answer that breaks off, and answers 502 where none had begun', async () => {
    await serve(`
      if (event.rawPath === '/late') out.write('one');
      await new Promise((resolve) => setTimeout(resolve, 100));
      throw new Error('Broken.');`);
    const late = await ask('/late');
    expect([late.statusCode, await text(late)]).toEqual([200, 'one']);
    expect((await ask('/early')).statusCode).toBe(502);
  });

  it('ends a function whose time is over', async () => {
    await serve(`out.write('one'); await new Promise(() => setInterval(() => 0, 1_000));`, {
      timeoutMs: 500,
    });
    expect(await text(await ask())).toBe('one');
  });

  it('speaks of CORS by itself', async () => {
    await serve(`out.write('one'); out.end();`);
    const answer = await ask('', { origin: 'https://letters.example' });
    expect(answer.headers['access-control-allow-origin']).toBe('https://letters.example');
    const other = await ask('', { origin: 'https://other.example' });
    expect(other.headers['access-control-allow-origin']).toBeUndefined();
  });

  it('gives bytes without status and headers as they are, and refuses other hosts', async () => {
    await serve(`out.write('bare'); out.end();`);
    const bare = await ask('/bare');
    expect(bare.headers['content-type']).toBe('application/octet-stream');
    expect(await text(bare)).toBe('bare');
    expect((await ask('', { host: 'evil.example' })).statusCode).toBe(403);
  });
});
