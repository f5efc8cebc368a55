/** The port to servers of others, over real sockets: where it goes, where it does not, and what it gives. */
import type { LookupAddress } from 'node:dns';
import { createServer, type RequestListener, type Server } from 'node:http';
import {
  createServer as createTcpServer,
  isIP,
  type AddressInfo,
  type Server as TcpServer,
  type Socket,
} from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { createGuardedWeb, type Resolve } from '../../functions/adapters/guardedWeb.ts';
import type { WebAnswer, WebRequest } from '../../shared/ports.ts';
import { PUBLIC_ADDRESSES, REFUSED_ADDRESSES, REFUSED_URLS } from '../unit/egress/cases.ts';

const STRICT = { allowLoopback: false };
const LOCAL = { allowLoopback: true };

const servers: (Server | TcpServer)[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    if ('closeAllConnections' in server) server.closeAllConnections();
    server.close();
  }
});

async function listen<S extends Server | TcpServer>(server: S): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}
const serve = (answer: RequestListener) => listen(createServer(answer));

const requestTo = (url: string, changes: Partial<WebRequest> = {}): WebRequest => ({
  method: 'POST',
  url,
  headers: { 'x-test': '1' },
  body: '{"é":1}',
  timeoutMs: 5_000,
  maxBytes: 100,
  ...changes,
});

/** A resolver that always gives these addresses, and counts how often it was asked. */
function resolver(...addresses: string[]): Resolve & { asked: string[] } {
  const asked: string[] = [];
  const resolve: Resolve = (name, done) => {
    asked.push(name);
    const found = addresses.map((address): LookupAddress => ({ address, family: isIP(address) }));
    done(null, found);
  };
  return Object.assign(resolve, { asked });
}

const answered = (answer: WebAnswer) => {
  if ('failure' in answer) throw new Error(answer.failure);
  return { ...answer, body: Buffer.from(answer.body).toString() };
};

describe('a request', () => {
  it('arrives as it is, under the name of its host, and brings the answer', async () => {
    const port = await serve((request, response) => {
      void text(request).then((body) => {
        response.setHeader('set-cookie', ['a', 'b']);
        const { method, url, headers } = request;
        response.end(JSON.stringify([method, url, headers.host, headers['x-test'], body]));
      });
    });
    const web = createGuardedWeb(LOCAL);
    const answer = answered(await web.request(requestTo(`http://localhost:${port}/a?b=c#d`)));
    expect(JSON.parse(answer.body)).toEqual([
      'POST',
      '/a?b=c',
      `localhost:${port}`,
      '1',
      '{"é":1}',
    ]);
    expect(answer).toMatchObject({ status: 200, isWhole: true, headers: { 'set-cookie': 'a' } });
  });

  it('is not led elsewhere by a redirect', async () => {
    const paths: (string | undefined)[] = [];
    const port = await serve(({ url }, response) => {
      paths.push(url);
      response.writeHead(302, { location: '/other' }).end();
    });
    const web = createGuardedWeb(LOCAL);
    const answer = answered(await web.request(requestTo(`http://127.0.0.1:${port}/first`)));
    expect(answer).toMatchObject({ status: 302, headers: { location: '/other' } });
    expect(paths).toEqual(['/first']);
  });

  it('reads no more of the answer than is wanted', async () => {
    let closed: Promise<void> | undefined;
    const port = await serve((_, response) => {
      closed = new Promise((resolve) => response.on('close', () => resolve()));
      const more = () => {
        while (response.write('x'.repeat(1_000)));
      };
      response.on('drain', more);
      more();
    });
    const web = createGuardedWeb(LOCAL);
    const url = `http://127.0.0.1:${port}/`;
    for (const maxBytes of [0, 100, 5_500]) {
      const answer = answered(await web.request(requestTo(url, { maxBytes })));
      expect([answer.status, answer.body.length, answer.isWhole]).toEqual([200, maxBytes, false]);
      // The server is not kept busy.
      await closed;
    }
  });

  it.each([
    ['never answers', () => undefined],
    ['never ends its answer', (_, response) => void response.write('x')],
  ] satisfies [string, RequestListener][])('does not wait for one that %s', async (_, answer) => {
    const port = await serve(answer);
    const web = createGuardedWeb(LOCAL);
    const url = `http://127.0.0.1:${port}/`;
    expect(await web.request(requestTo(url, { timeoutMs: 50 }))).toEqual({ failure: 'timeout' });
  });

  it('does not wait for a name server that never answers', async () => {
    const web = createGuardedWeb(STRICT, { resolve: () => undefined });
    const answer = await web.request(requestTo('https://example.org/', { timeoutMs: 50 }));
    expect(answer).toEqual({ failure: 'timeout' });
  });

  it('tells what went wrong', async () => {
    const free = await serve(() => undefined);
    servers.pop()?.close();
    const noHttp = await listen(createTcpServer((socket) => socket.end('hello\r\n')));
    const hangsUp = await listen(createTcpServer((socket) => socket.destroy()));
    const cutsOff = await serve((_, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('x', () => response.destroy());
    });
    const plain = await serve((_, response) => response.end());
    const web = createGuardedWeb(LOCAL);
    const failureAt = async (url: string) => {
      const answer = await web.request(requestTo(url));
      return 'failure' in answer ? answer.failure : answer.status;
    };
    expect(await failureAt(`http://127.0.0.1:${free}/`)).toBe('unreachable');
    expect(await failureAt(`http://127.0.0.1:${noHttp}/`)).toBe('broken');
    expect(await failureAt(`http://127.0.0.1:${hangsUp}/`)).toBe('broken');
    expect(await failureAt(`http://127.0.0.1:${cutsOff}/`)).toBe('broken');
    expect(await failureAt(`https://127.0.0.1:${plain}/`)).toBe('insecure');
    const nowhere = createGuardedWeb(STRICT, {
      resolve: (_, done) => done(Object.assign(new Error('queryA'), { code: 'ENOTFOUND' }), []),
    });
    expect(await nowhere.request(requestTo('https://example.org/'))).toEqual({
      failure: 'unresolved',
    });
  });
});

describe('an inner network', () => {
  it.each(REFUSED_URLS)('is not reached by %s', async (url) => {
    const resolve = resolver('1.1.1.1');
    const answer = await createGuardedWeb(STRICT, { resolve }).request(requestTo(url));
    expect(answer).toEqual({ failure: 'not_allowed' });
    expect(resolve.asked).toEqual([]);
  });

  const addresses = REFUSED_ADDRESSES.filter((address) => isIP(address) !== 0);
  it.each(addresses)('is not reached by a name that leads to %s', async (address) => {
    const resolve = resolver(address);
    const answer = await createGuardedWeb(STRICT, { resolve }).request(
      requestTo('https://example.org/'),
    );
    expect(answer).toEqual({ failure: 'not_allowed' });
    expect(resolve.asked).toEqual(['example.org']);
  });

  it('is not reached by a name that leads there among others', async () => {
    for (const [first, second] of [
      ['127.0.0.1', PUBLIC_ADDRESSES[0]],
      [PUBLIC_ADDRESSES[0], '127.0.0.1'],
    ] as const) {
      const web = createGuardedWeb(STRICT, { resolve: resolver(first, second) });
      expect(await web.request(requestTo('https://example.org/'))).toEqual({
        failure: 'not_allowed',
      });
    }
  });

  it('is not reached by a name that leads there the second time', async () => {
    let connections = 0;
    const port = await listen(createTcpServer((socket) => socket.end(void connections++)));
    const times = ['127.0.0.1', '10.0.0.1'];
    const asked: string[] = [];
    const rebinding: Resolve = (name, done) => {
      asked.push(name);
      done(null, [{ address: times.shift() ?? '10.0.0.1', family: 4 }]);
    };
    // Where the machine itself may be a target, it stands for what is public.
    const web = createGuardedWeb(LOCAL, { resolve: rebinding });
    const url = `https://example.org:${port}/`;
    // What was judged is what is connected to: the name is looked up once.
    expect(await web.request(requestTo(url))).not.toEqual({ failure: 'not_allowed' });
    expect([asked.length, connections]).toEqual([1, 1]);
    // Each connection is judged anew.
    expect(await web.request(requestTo(url))).toEqual({ failure: 'not_allowed' });
    expect([asked.length, connections]).toEqual([2, 1]);
  });

  it('beside the machine itself is not reached where that may be a target', async () => {
    for (const address of ['10.0.0.1', '169.254.169.254', '::ffff:192.168.1.1', 'fe80::1']) {
      const web = createGuardedWeb(LOCAL, { resolve: resolver(address) });
      for (const url of ['http://localhost:1/', 'https://example.org/']) {
        expect(await web.request(requestTo(url))).toEqual({ failure: 'not_allowed' });
      }
    }
  });
});

describe('connections that are kept', () => {
  const KEEP = { perHost: 10, idleMs: 5_000 };

  /** A server that counts its connections, and the requests on each. */
  async function counting(answer: RequestListener) {
    const sockets: { requests: number; open: boolean }[] = [];
    const bySocket = new Map<Socket, { requests: number; open: boolean }>();
    const server = createServer((request, response) => {
      const socket = bySocket.get(request.socket);
      if (socket) socket.requests++;
      answer(request, response);
    });
    server.on('connection', (socket: Socket) => {
      const entry = { requests: 0, open: true };
      sockets.push(entry);
      bySocket.set(socket, entry);
      socket.on('close', () => void (entry.open = false));
    });
    const port = await listen(server);
    return { port, sockets, url: `http://localhost:${port}/` };
  }

  const lookUps = () => resolver('127.0.0.1');
  const small: RequestListener = (request, response) => {
    request.resume();
    response.end('{"ok":true}');
  };
  const statusOf = (answer: WebAnswer) => ('failure' in answer ? answer.failure : answer.status);

  it('are few for many calls, and each is judged when it is made', async () => {
    const { url, sockets } = await counting(small);
    const resolve = lookUps();
    const web = createGuardedWeb(LOCAL, { resolve, keep: KEEP });
    const statuses = await Promise.all(
      Array.from({ length: 200 }, async () => statusOf(await web.request(requestTo(url)))),
    );
    expect(new Set(statuses)).toEqual(new Set([200]));
    expect(sockets.length).toBeLessThanOrEqual(10);
    expect(sockets.reduce((sum, { requests }) => sum + requests, 0)).toBe(200);
    expect(resolve.asked).toHaveLength(sockets.length);
    for (let i = 0; i < 20; i++) expect(statusOf(await web.request(requestTo(url)))).toBe(200);
    expect(resolve.asked).toHaveLength(sockets.length);
  });

  it('are none where they are not asked for', async () => {
    const { url, sockets } = await counting(small);
    const resolve = lookUps();
    const web = createGuardedWeb(LOCAL, { resolve });
    for (let i = 0; i < 3; i++) expect(statusOf(await web.request(requestTo(url)))).toBe(200);
    expect([sockets.length, resolve.asked.length]).toEqual([3, 3]);
  });

  it('do not let a name lead elsewhere when another is made', async () => {
    const { url, sockets } = await counting((request, response) => {
      response.shouldKeepAlive = request.url !== '/last';
      small(request, response);
    });
    const times = ['127.0.0.1', '10.0.0.1'];
    const asked: string[] = [];
    const rebinding: Resolve = (name, done) => {
      asked.push(name);
      done(null, [{ address: times.shift() ?? '10.0.0.1', family: 4 }]);
    };
    const web = createGuardedWeb(LOCAL, { resolve: rebinding, keep: KEEP });
    // On the connection that was judged the name means nothing any more.
    for (const path of ['', '', 'last']) {
      expect(statusOf(await web.request(requestTo(url + path)))).toBe(200);
    }
    expect(asked).toHaveLength(1);
    expect(statusOf(await web.request(requestTo(url)))).toBe('not_allowed');
    expect([asked.length, sockets.length]).toEqual([2, 1]);
  });

  it('are not for URLs that requests may not go to', async () => {
    const resolve = resolver('1.1.1.1');
    const web = createGuardedWeb(STRICT, { resolve, keep: KEEP });
    for (const [url] of REFUSED_URLS) {
      expect(await web.request(requestTo(url))).toEqual({ failure: 'not_allowed' });
    }
    const listed = createGuardedWeb({ ...STRICT, hosts: ['a.example'] }, { resolve, keep: KEEP });
    expect(statusOf(await listed.request(requestTo('https://b.example/')))).toBe('not_allowed');
    expect(resolve.asked).toEqual([]);
  });

  it('are closed when nobody used them for a while', async () => {
    const { url, sockets } = await counting(small);
    const web = createGuardedWeb(LOCAL, { resolve: lookUps(), keep: { perHost: 2, idleMs: 100 } });
    await Promise.all([web.request(requestTo(url)), web.request(requestTo(url))]);
    await expect.poll(() => sockets.filter(({ open }) => open).length).toBe(0);
    expect(statusOf(await web.request(requestTo(url)))).toBe(200);
    expect(sockets).toHaveLength(3);
  });

  it('are not closed while an answer takes longer than that', async () => {
    const { url } = await counting((request, response) => {
      request.resume();
      setTimeout(() => response.end('{}'), 300);
    });
    const web = createGuardedWeb(LOCAL, { resolve: lookUps(), keep: { perHost: 1, idleMs: 50 } });
    expect(statusOf(await web.request(requestTo(url)))).toBe(200);
  });

  it('are closed with an answer that was not read to its end, or did not come in time', async () => {
    const { url, sockets } = await counting((request, response) => {
      if (request.url === '/large') response.end('x'.repeat(1_000));
      else if (request.url === '/exact') response.end('x'.repeat(100));
      else if (request.url !== '/hangs') small(request, response);
    });
    const web = createGuardedWeb(LOCAL, {
      resolve: lookUps(),
      keep: { perHost: 1, idleMs: 5_000 },
    });
    const get = async (path: string, changes: Partial<WebRequest> = {}) =>
      statusOf(await web.request(requestTo(url + path, changes)));
    expect(await get('exact')).toBe(200);
    expect(await get('exact')).toBe(200);
    expect(sockets).toHaveLength(1);
    expect(await get('large')).toBe(200);
    expect(await get('')).toBe(200);
    expect(sockets).toHaveLength(2);
    expect(await get('hangs', { timeoutMs: 50 })).toBe('timeout');
    expect(await get('', { maxBytes: 0 })).toBe(200);
    expect(await get('')).toBe(200);
    expect(sockets.length).toBeGreaterThan(2);
  });

  it('are waited for within the time of a request', async () => {
    const { url, sockets } = await counting((request, response) => {
      request.resume();
      setTimeout(() => response.end('{}'), request.url === '/slow' ? 300 : 0);
    });
    const web = createGuardedWeb(LOCAL, {
      resolve: lookUps(),
      keep: { perHost: 1, idleMs: 5_000 },
    });
    const slow = web.request(requestTo(`${url}slow`));
    expect(await web.request(requestTo(url, { timeoutMs: 50 }))).toEqual({ failure: 'timeout' });
    expect(statusOf(await web.request(requestTo(url)))).toBe(200);
    expect(statusOf(await slow)).toBe(200);
    expect(sockets).toHaveLength(1);
  });

  /** A server that ends a connection at its second request, as if it had been about to. */
  const ending = () => {
    const seen = new WeakSet<Socket>();
    return counting((request, response) => {
      if (seen.has(request.socket)) request.socket.destroy();
      else small(request, response);
      seen.add(request.socket);
    });
  };

  it('that had ended are not taken for a failure of a request that may be repeated', async () => {
    const { url } = await ending();
    const resolve = lookUps();
    const web = createGuardedWeb(LOCAL, { resolve, keep: { perHost: 1, idleMs: 5_000 } });
    const key = { headers: { 'Idempotency-Key': 'a' } };
    const get: Partial<WebRequest> = { method: 'GET' };
    for (const changes of [key, key, get, key]) {
      expect(statusOf(await web.request(requestTo(url, changes)))).toBe(200);
    }
    // Each of the others was judged anew.
    expect(resolve.asked.length).toBeGreaterThan(2);
  });

  it('that had ended fail a request that may not be repeated', async () => {
    const { url } = await ending();
    const web = createGuardedWeb(LOCAL, {
      resolve: lookUps(),
      keep: { perHost: 1, idleMs: 5_000 },
    });
    expect(statusOf(await web.request(requestTo(url)))).toBe(200);
    expect(statusOf(await web.request(requestTo(url)))).toBe('broken');
    expect(statusOf(await web.request(requestTo(url)))).toBe(200);
  });

  it('to a server that always hangs up are not tried without end', async () => {
    let requests = 0;
    const port = await listen(createTcpServer((socket) => socket.destroy(void requests++)));
    const web = createGuardedWeb(LOCAL, { resolve: lookUps(), keep: KEEP });
    const url = `http://localhost:${port}/`;
    expect(statusOf(await web.request(requestTo(url, { method: 'GET' })))).toBe('broken');
    expect(requests).toBe(1);
  });

  it('are made by TLS with a certificate that is valid', async () => {
    const port = await serve((_, response) => response.end());
    const web = createGuardedWeb(LOCAL, { resolve: lookUps(), keep: KEEP });
    expect(statusOf(await web.request(requestTo(`https://localhost:${port}/`)))).toBe('insecure');
  });
});
