/** The local Secrets Manager as its clients see it: operations, permissions, and errors by their names in AWS. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  createJsonService,
  type JsonService,
} from '../../functions/adapters/clients/jsonService.ts';
import { createSecretsEndpoint } from '../../local/secretsManager/endpoint.ts';
import { openSecretValues } from '../../local/secretsManager/secretValues.ts';
import {
  ACCOUNT,
  clientConfig,
  createTestAccess,
  type LoopbackServer,
  REGION,
  serve,
} from '../support/localAws.ts';
import { secretsInMemory } from '../support/secretsFiles.ts';

const PLACE = `arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret:`;
const NAME = 'Sheaf/connections/conn_1/X';
const MARKER = 'sk-marker-4711';
const TOKEN = '8e03978e-40d5-43e8-bc93-6894a57f9324';

const allow = (Action: string[], Resource: string) => [
  { Statement: { Effect: 'Allow', Action, Resource } },
];
const own = (operations: string[]) =>
  allow(
    operations.map((operation) => `secretsmanager:${operation}`),
    `${PLACE}Sheaf/connections/*`,
  );

let server: LoopbackServer;
beforeEach(async () => {
  const access = createTestAccess({
    policies: {
      Writer: own(['CreateSecret', 'PutSecretValue', 'DeleteSecret']),
      Reader: own(['GetSecretValue']),
    },
  });
  server = await serve(createSecretsEndpoint(openSecretValues([], secretsInMemory()), access));
});
afterEach(() => server.close());

const as =
  (role: string) =>
  (operation: string, input: object): ReturnType<JsonService> => {
    const name = { service: 'secretsmanager', target: 'secretsmanager', version: '1.1' } as const;
    const place = { ...clientConfig(server.url, role), maxAttempts: 1 };
    const { signal: abortSignal } = new AbortController();
    return createJsonService(name, () => place)(operation, input, { abortSignal });
  };
const write = (operation: string, input: object) => as('Writer')(operation, input);
const read = (SecretId: string) => as('Reader')('GetSecretValue', { SecretId });
const failure = async (call: Promise<unknown>) => {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(String(error)).not.toContain(MARKER);
  return error instanceof Error ? error.name : error;
};

const CREATE = { Name: NAME, SecretString: MARKER, ClientRequestToken: TOKEN };

it('keeps what is created, and creates it once', async () => {
  const created = await write('CreateSecret', { ...CREATE, Description: 'Headers' });
  expect(created).toMatchObject({ Name: NAME, VersionId: TOKEN });
  expect(JSON.stringify(created)).toMatch(new RegExp(`"ARN":"${PLACE}${NAME}-\\w{6}"`));
  // As after an answer that was lost.
  expect(await write('CreateSecret', CREATE)).toEqual(created);
  for (const id of [NAME, PLACE + NAME]) {
    expect(await read(id)).toMatchObject({ SecretString: MARKER, VersionStages: ['AWSCURRENT'] });
  }
  for (const other of [
    { ...CREATE, SecretString: 'other' },
    { ...CREATE, ClientRequestToken: TOKEN.replace('8', '9') },
    { Name: NAME, SecretString: MARKER },
  ]) {
    expect(await failure(write('CreateSecret', other))).toBe('ResourceExistsException');
  }
});

it('takes another value', async () => {
  const put = { SecretId: NAME, SecretString: 'second', ClientRequestToken: TOKEN };
  const absent = { ...put, SecretId: PLACE + NAME };
  expect(await failure(write('PutSecretValue', absent))).toBe('ResourceNotFoundException');
  await write('CreateSecret', { Name: NAME, SecretString: MARKER });
  const first = await write('PutSecretValue', put);
  expect(first).toMatchObject({ VersionId: TOKEN, VersionStages: ['AWSCURRENT'] });
  expect(await write('PutSecretValue', put)).toEqual(first);
  const reused = { ...put, SecretString: 'third' };
  expect(await failure(write('PutSecretValue', reused))).toBe('ResourceExistsException');
  expect(await read(NAME)).toMatchObject({ SecretString: 'second' });
});

it('deletes for good, and again', async () => {
  await write('CreateSecret', CREATE);
  const id = { SecretId: PLACE + NAME };
  expect(await failure(write('DeleteSecret', id))).toBe('InvalidParameterException');
  for (let i = 0; i < 2; i++) {
    expect(await write('DeleteSecret', { ...id, ForceDeleteWithoutRecovery: true })).toHaveProperty(
      'DeletionDate',
    );
  }
  expect(await failure(read(PLACE + NAME))).toBe('ResourceNotFoundException');
  await write('CreateSecret', CREATE);
});

it('lets nobody do what no policy allows', async () => {
  await write('CreateSecret', CREATE);
  expect(await failure(as('Writer')('GetSecretValue', { SecretId: NAME }))).toBe(
    'AccessDeniedException',
  );
  const elsewhere = { ...CREATE, Name: 'Other/connections/x' };
  for (const call of [
    write('CreateSecret', elsewhere),
    as('Reader')('CreateSecret', { ...CREATE, Name: `${NAME}2` }),
    as('Reader')('PutSecretValue', { SecretId: NAME, SecretString: 'x' }),
    as('Reader')('DeleteSecret', { SecretId: NAME, ForceDeleteWithoutRecovery: true }),
    read('Other/connections/x'),
    // As in AWS: a name that nothing has is not among the ARNs that the policy names.
    write('DeleteSecret', { SecretId: `${NAME}2`, ForceDeleteWithoutRecovery: true }),
  ]) {
    expect(await failure(call)).toBe('AccessDeniedException');
  }
});

it('refuses what it does not understand, without quoting it', async () => {
  for (const input of [
    {},
    { ...CREATE, Name: 'a b' },
    { ...CREATE, Name: '' },
    { ...CREATE, ClientRequestToken: MARKER },
    { ...CREATE, SecretString: '' },
    { ...CREATE, SecretString: MARKER.repeat(5_000) },
    { ...CREATE, Tags: [{ Key: MARKER, Value: MARKER }] },
    { Name: NAME, SecretBinary: MARKER },
  ]) {
    expect(await failure(write('CreateSecret', input))).toBe('InvalidParameterException');
  }
  expect(await failure(write('constructor', {}))).toBe('UnknownOperationException');
});
