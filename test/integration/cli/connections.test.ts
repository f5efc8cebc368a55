import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ALLOW_LOOPBACK_TARGETS } from '../../../shared/names.ts';
import { linesOf, startCliWorld, type CliWorld } from '../../support/cliWorld.ts';
import { startReceiver, type WebhookReceiver } from '../../support/webhookReceiver.ts';

const SECRET = 'Bearer app-0123456789';
const IdSchema = z.object({ connectionId: z.string() });

let world: CliWorld;
let service: WebhookReceiver;
beforeAll(async () => {
  service = await startReceiver({
    '/v1/info': (response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"name": "app"}'),
    '/v1/echo': (response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}'),
    '/v1/forbidden': (response) => response.writeHead(403).end('no'),
  });
  world = await startCliWorld({ [ALLOW_LOOPBACK_TARGETS]: '1' });
});
afterAll(async () => {
  await world?.remove();
  await service?.close();
});

const add = (args: readonly string[], input?: string) =>
  world.sheaf(
    ['connection', 'add', 'Dify', '--url', service.url('/v1'), ...args],
    input === undefined ? {} : { input },
  );

describe('sheaf connection', () => {
  it('keeps a secret from standard input and one from a file, and shows neither', async () => {
    await world.write('key.txt', 'file-secret\n');
    const headers = ['--secret-header', 'authorization', '--secret-header', 'x-api-key=@key.txt'];
    const pace = ['--per-second', '50', '--concurrent', '4', '--price', '0.01', '--json'];
    const added = await add([...headers, '--header', 'x-team=green', ...pace], `${SECRET}\n`);
    expect(added).toMatchObject({ code: 0, err: '' });
    expect(linesOf(added.out)).toMatchObject([
      {
        name: 'Dify',
        headers: { 'x-team': 'green' },
        secretHeaders: ['authorization', 'x-api-key'],
        rateLimit: { perSecond: 50, concurrent: 4 },
        pricePerCallUsd: 0.01,
      },
    ]);
    const { connectionId } = IdSchema.parse(linesOf(added.out)[0]);
    const tested = await world.sheaf(['connection', 'test', connectionId, '--path', 'info']);
    expect(tested).toMatchObject({ code: 0, out: `${connectionId}  works\n` });
    expect(service.received('/v1/info')[0]?.headers).toMatchObject({
      authorization: SECRET,
      'x-api-key': 'file-secret',
      'x-team': 'green',
    });
    const body = ['--method', 'POST', '--path', 'echo', '--body', '{"a": "{b}"}'];
    expect(await world.sheaf(['connection', 'test', connectionId, ...body])).toMatchObject({
      code: 0,
    });
    expect(service.received('/v1/echo')[0]?.body).toBe('{"a":"{b}"}');
    expect(await world.json('task', 'list')).toEqual([]);
    const { out } = await world.sheaf(['connection', 'list']);
    expect(out).toContain('authorization, x-api-key  50/s, 4 at the same time  $0.01');
    expect(out).not.toMatch(/app-0123|file-secret/);
    const removed = await world.sheaf(['connection', 'remove', connectionId, '--yes']);
    expect(removed).toMatchObject({ code: 0, out: `${connectionId}  deleted\n` });
  });

  it('tells of a call that is refused', async () => {
    const { out } = await add(['--json']);
    const { connectionId } = IdSchema.parse(linesOf(out)[0]);
    const tested = await world.sheaf(['connection', 'test', connectionId, '--path', 'forbidden']);
    expect(tested).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringContaining('403') as string,
    });
  });

  it.each([
    [['--secret-header', `authorization=${SECRET}`], undefined, 2, /authorization=@file/],
    [['--secret-header', 'a b'], undefined, 2, /name of a header/],
    [
      ['--secret-header', 'a', '--secret-header', 'b'],
      'one\n',
      2,
      /a line each: there are 1 lines/,
    ],
    [['--secret-header', 'a'], '', 2, /a is empty/],
    [['--secret-header', 'a=@none'], undefined, 2, /none: there is no such file/],
    [['--burst', '3'], undefined, 2, /add --per-second/],
    [['--per-second', 'x'], undefined, 2, /must be a number/],
    [['--header', 'authorization=x'], undefined, 1, /secretHeaders/],
  ])('%j is refused in a sentence, without the secret', async (args, input, code, message) => {
    const refused = await add(args, input);
    expect(refused).toMatchObject({ code, out: '', err: expect.stringMatching(message) as string });
    expect(refused.err).not.toMatch(/app-0123|\n\s+at /);
  });
});

describe('sheaf usage', () => {
  it('tells what may be had', async () => {
    const { out } = await world.sheaf(['usage']);
    expect(out).toMatch(/^At work {4}0 of 3 tasks at a time\nWaiting .*\nDocuments {2}\d+ made/);
  });
});
