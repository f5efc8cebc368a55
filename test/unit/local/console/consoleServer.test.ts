import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createConsoleServer } from '../../../../local/console/consoleServer.ts';
import { contentPolicy } from '../../../../shared/console/contentPolicy.ts';
import { serve, type LoopbackServer } from '../../../support/localAws.ts';

let folder: string;
let server: LoopbackServer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sheaf-console-'));
  await mkdir(join(folder, 'assets'));
  await writeFile(join(folder, 'index.html'), '<!doctype html>');
  await writeFile(join(folder, 'assets/main-A.js'), 'run()');
  const page = createConsoleServer(
    {
      folder,
      headers: {
        'content-security-policy': contentPolicy(['https://in-aws.example']),
        'x-frame-options': 'DENY',
      },
    },
    () => ({
      apiUrl: 'http://localhost:1/api/v2',
      eventsUrl: 'http://localhost:1/events',
      websocketUrl: 'ws://localhost:2/v2/stream',
      servicesUrl: 'http://127.0.0.1:3',
    }),
  );
  server = await serve(async (incoming, response) => {
    if (page.serves(incoming.url ?? '')) page.handle(incoming, response);
    else response.writeHead(404).end('of the API');
  });
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

/** By node:http, which sends paths as they are. */
function ask(path: string, options: { method?: string; host?: string } = {}) {
  return new Promise<{
    status: number | undefined;
    headers: NodeJS.Dict<string | string[]>;
    body: string;
  }>((resolve, reject) => {
    const { hostname, port } = new URL(server.url);
    request(
      {
        hostname,
        port,
        path,
        method: options.method ?? 'GET',
        headers: { host: options.host ?? 'localhost:1' },
      },
      (response) => {
        text(response).then(
          (body) => resolve({ status: response.statusCode, headers: response.headers, body }),
          reject,
        );
      },
    )
      .on('error', reject)
      .end();
  });
}

describe('the console at the HTTP port', () => {
  it('is the page at /, whatever its query, with the headers of the template', async () => {
    for (const path of ['/', '/?a=1', '/index.html']) {
      expect(await ask(path)).toMatchObject({
        status: 200,
        body: '<!doctype html>',
        headers: {
          'content-type': 'text/html; charset=utf-8',
          'cache-control': 'no-cache',
          'x-frame-options': 'DENY',
        },
      });
    }
  });

  it('has the policy of the template, with the addresses of this machine', async () => {
    const { headers } = await ask('/');
    expect(headers['content-security-policy']).toBe(
      contentPolicy(['http://localhost:1', 'ws://localhost:2', 'http://127.0.0.1:3']),
    );
  });

  it('tells the page where the API is', async () => {
    expect((await ask('/config.json')).body).toBe('{"apiUrl":"http://localhost:1/api/v2"}');
  });

  it('has browsers keep what is named by its contents', async () => {
    expect((await ask('/assets/main-A.js')).headers['cache-control']).toBe(
      'public, max-age=31536000, immutable',
    );
  });

  it('leaves everything else to the API', async () => {
    for (const path of [
      '/api/v2/health',
      '/assets',
      '/assets/none.js',
      '/../package.json',
      '/%2e%2e/x',
    ]) {
      expect(await ask(path)).toMatchObject({ status: 404, body: 'of the API' });
    }
  });

  it('is for reading alone', async () => {
    expect(await ask('/', { method: 'HEAD' })).toMatchObject({ status: 200, body: '' });
    expect(await ask('/', { method: 'POST' })).toMatchObject({ status: 405 });
  });

  it('is given to pages of this machine alone, whatever names lead to it', async () => {
    expect(await ask('/', { host: 'evil.example:1' })).toMatchObject({ status: 403 });
  });
});
