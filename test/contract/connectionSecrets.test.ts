/** The port to secret headers of connections over its implementations; what the adapter asks for, and never tells. */
import { afterEach, describe, expect, it } from 'vitest';
import {
  createConnectionSecrets,
  type ConnectionSecretsOptions,
} from '../../functions/adapters/connectionSecrets.ts';
import { describeError } from '../../functions/runtime/errors.ts';
import { createSecretsEndpoint } from '../../local/secretsManager/endpoint.ts';
import { openSecretValues } from '../../local/secretsManager/secretValues.ts';
import type { ConnectionSecrets } from '../../shared/ports.ts';
import {
  ACCOUNT,
  clientConfig,
  createTestAccess,
  type LoopbackServer,
  REGION,
  serve,
} from '../support/localAws.ts';
import { createMemoryConnectionSecrets } from '../support/memoryPorts.ts';
import { secretsInMemory } from '../support/secretsFiles.ts';
import { connectionSecretsSuite } from './suites/connectionSecretsSuite.ts';

const PLACE = `arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret:Sheaf/connections/`;
const NAME = 'conn_01JDA4V5P0W8QZ6Y3M2T7R9KXC/0123456789ABCDEF';
const MARKER = 'app-marker-4711';

/** What the API and the sweeper may do, and what a function may that calls services. */
const MANAGER = ['secretsmanager:CreateSecret', 'secretsmanager:DeleteSecret'];
const CALLER = ['secretsmanager:GetSecretValue'];
const policy = (Action: readonly string[]) => [
  { Statement: { Effect: 'Allow', Action: [...Action], Resource: `${PLACE}*` } },
];

const servers: LoopbackServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});
async function listen(handle: Parameters<typeof serve>[0]): Promise<string> {
  const server = await serve(handle);
  servers.push(server);
  return server.url;
}

/** A Secrets Manager with a role for each kind of function, and the calls that it got. */
async function secretsManager() {
  const access = createTestAccess({
    policies: {
      Manager: policy(MANAGER),
      Caller: policy(CALLER),
      Both: policy([...MANAGER, ...CALLER]),
      None: policy(['s3:GetObject']),
    },
  });
  const handle = createSecretsEndpoint(openSecretValues([], secretsInMemory()), access);
  const calls: string[] = [];
  const url = await listen((request, response) => {
    calls.push(String(request.headers['x-amz-target']).split('.')[1] ?? '');
    return handle(request, response);
  });
  return { url, calls };
}

const clientOf = (
  url: string,
  role: string,
  options: Partial<ConnectionSecretsOptions> = {},
): ConnectionSecrets =>
  createConnectionSecrets({
    placeArn: PLACE,
    placeOf: () => ({ ...clientConfig(url, role), maxAttempts: 1 }),
    monotonicMs: () => 0,
    limits: { secret: { ms: 2_000, tries: 1 } },
    ...options,
  });

connectionSecretsSuite('in memory', async () => {
  const secrets = createMemoryConnectionSecrets();
  return { secrets, others: secrets, close: () => Promise.resolve() };
});
connectionSecretsSuite('over Secrets Manager', async () => {
  const { url } = await secretsManager();
  const close = () => Promise.resolve();
  return { secrets: clientOf(url, 'Both'), others: clientOf(url, 'Both'), close };
});

const thrownBy = (call: Promise<unknown>) =>
  call.then(
    () => expect.fail('Nothing was refused.'),
    (error: unknown) => error,
  );

describe('secret headers in Secrets Manager', () => {
  it('are made and deleted by who may not read them, and read by who may do nothing else', async () => {
    const { url } = await secretsManager();
    const [manager, caller] = [clientOf(url, 'Manager'), clientOf(url, 'Caller')];
    const denied = { name: 'AccessDeniedException' };
    await expect(caller.keep(NAME, { a: MARKER })).rejects.toMatchObject(denied);
    await manager.keep(NAME, { a: MARKER });
    await expect(manager.read(NAME)).rejects.toMatchObject(denied);
    expect(await caller.read(NAME)).toEqual({ a: MARKER });
    await expect(caller.forget(NAME)).rejects.toMatchObject(denied);
    await manager.forget(NAME);
    expect(await clientOf(url, 'Caller').read(NAME)).toBeUndefined();
    for (const call of [
      clientOf(url, 'None').keep(NAME, { a: MARKER }),
      clientOf(url, 'None').read(NAME),
      clientOf(url, 'None').forget(NAME),
    ]) {
      await expect(call).rejects.toMatchObject(denied);
    }
  });

  it('of another installation are out of reach', async () => {
    const { url } = await secretsManager();
    const placeArn = PLACE.replace('Sheaf/', 'Sheaf-Staging/');
    const other = clientOf(url, 'Both', { placeArn });
    await expect(other.keep(NAME, { a: MARKER })).rejects.toMatchObject({
      name: 'AccessDeniedException',
    });
  });

  it('are read once in a while, however often they are needed', async () => {
    const { url, calls } = await secretsManager();
    let now = 0;
    const secrets = clientOf(url, 'Both', { monotonicMs: () => now });
    await secrets.keep(NAME, { a: '1' });
    for (let i = 0; i < 3; i++) expect(await secrets.read(NAME)).toEqual({ a: '1' });
    expect(calls).toEqual(['CreateSecret', 'GetSecretValue']);
    now = 10 * 60_000;
    await secrets.read(NAME);
    expect(calls).toHaveLength(3);
  });

  it('are kept once when the answer is lost', async () => {
    const { url } = await secretsManager();
    const access = createTestAccess({ policies: { Both: policy([...MANAGER, ...CALLER]) } });
    const handle = createSecretsEndpoint(openSecretValues([], secretsInMemory()), access);
    let count = 0;
    const losing = await listen((request, response) => {
      if (++count > 1) return handle(request, response);
      response.end = (() => response.destroy()) as typeof response.end;
      return handle(request, response);
    });
    const place = { ...clientConfig(losing, 'Both'), maxAttempts: 3 };
    const secrets = clientOf(url, 'Both', { placeOf: () => place });
    await secrets.keep(NAME, { a: MARKER });
    expect(count).toBe(2);
    expect(await secrets.read(NAME)).toEqual({ a: MARKER });
  });

  it('are tried again while the service fails in a way that may pass, and not without end', async () => {
    let count = 0;
    const broken = await listen(async (_, response) => {
      count++;
      response.writeHead(503).end('{"__type":"InternalServiceError"}');
    });
    const place = { ...clientConfig(broken, 'Both'), maxAttempts: 3 };
    const secrets = clientOf(broken, 'Both', { placeOf: () => place });
    for (const call of [() => secrets.keep(NAME, { a: MARKER }), () => secrets.forget(NAME)]) {
      count = 0;
      await expect(call()).rejects.toMatchObject({ name: 'ServiceUnavailable' });
      expect(count).toBe(3);
    }
    const hanging = await listen(() => new Promise(() => undefined));
    const limits = { secret: { ms: 50, tries: 2 } };
    await expect(
      clientOf(hanging, 'Both', { limits }).keep(NAME, { a: MARKER }),
    ).rejects.toMatchObject({ name: 'ServiceUnavailable' });
  });

  it('are in no error, though the service quotes them', async () => {
    for (const status of [400, 503]) {
      const quoting = await listen(async (_, response) => {
        const message = `1 validation error: Value '${MARKER}' at 'secretString'`;
        response.writeHead(status).end(JSON.stringify({ __type: 'ValidationException', message }));
      });
      const secrets = clientOf(quoting, 'Both');
      for (const call of [secrets.keep(NAME, { a: MARKER }), secrets.read(NAME)]) {
        const error = await thrownBy(call);
        expect(JSON.stringify(describeError(error))).not.toContain(MARKER);
        expect(JSON.stringify(describeError(error))).toMatch(/Secrets Manager/);
      }
    }
    const odd = await listen(async (_, response) => {
      response.writeHead(200).end(JSON.stringify({ SecretString: `{"a": ${MARKER}` }));
    });
    const error = await thrownBy(clientOf(odd, 'Both').read(NAME));
    expect(String(error)).toMatch(/does not hold headers/);
    expect(JSON.stringify([String(error), describeError(error)])).not.toContain(MARKER);
  });

  it('lie in a place of this service only', () => {
    for (const placeArn of ['arn:aws:s3:::bucket/', PLACE.slice(0, -1), `${PLACE}*`]) {
      expect(() => clientOf('http://127.0.0.1:1', 'Both', { placeArn })).toThrow();
    }
  });
});
