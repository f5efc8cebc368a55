/** Secret headers of a connection are nowhere but in their secret: the whole application is searched for one. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DynamoDBClient, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { S3Client, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { createJsonService } from '../../functions/adapters/clients/jsonService.ts';
import { openSecretValues } from '../../local/secretsManager/secretValues.ts';
import { tableKeys } from '../../shared/keys.ts';
import { startTestCloud, type TestCloud } from '../support/localCloud.ts';
import { secretsInMemory } from '../support/secretsFiles.ts';

const MARKER = 'sk-marker-4711-aBcDeFgHiJ';
const ORPHAN = 'conn_01JDA4V5P0W8QZ6Y3M2T7R9KXC/0123456789ABCDEF';
/** The marker in whatever form somebody may have written it. */
const FORMS = [
  MARKER,
  MARKER.toLowerCase(),
  Buffer.from(MARKER).toString('hex'),
  // In base64, wherever in a text it begins.
  ...['', 'x', 'xx'].map((before) =>
    Buffer.from(before + MARKER)
      .toString('base64')
      .slice(4, -4),
  ),
];

let cloud: TestCloud;
/** Every answer of the API. */
const answers: string[] = [];

beforeAll(async () => {
  cloud = await startTestCloud();
  await leaveOrphan();
}, 120_000);
afterAll(() => cloud?.remove());

async function send(method: string, path: string, body?: unknown, key?: string) {
  const response = await fetch(`${cloud.apiUrl}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${cloud.apiKey}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(key !== undefined && { 'idempotency-key': key }),
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  answers.push(JSON.stringify([...response.headers]) + text);
  return { status: response.status, text };
}

const idIn = (text: string) => /conn_[0-9A-Z]{26}/.exec(text)?.[0] ?? '';

/** What the AWS command line would use: address and key of the person at this machine. */
async function developer() {
  const text = await readFile(join(cloud.dataDir, 'aws.env'), 'utf8');
  const values = new Map(text.split('\n').map((line) => line.split('=', 2) as [string, string]));
  const value = (name: string) => values.get(name) ?? '';
  return {
    table: value('SHEAF_TABLE'),
    bucket: value('SHEAF_BUCKET'),
    place: {
      endpoint: value('AWS_ENDPOINT_URL'),
      region: value('AWS_REGION'),
      credentials: {
        accessKeyId: value('AWS_ACCESS_KEY_ID'),
        secretAccessKey: value('AWS_SECRET_ACCESS_KEY'),
      },
    },
  };
}

/** A secret as a process leaves it that was killed before its connection was there, long ago. */
async function leaveOrphan() {
  const { place, table } = await developer();
  const name = { service: 'secretsmanager', target: 'secretsmanager', version: '1.1' } as const;
  const { signal: abortSignal } = new AbortController();
  await createJsonService(name, () => place)(
    'CreateSecret',
    { Name: `Sheaf/connections/${ORPHAN}`, SecretString: JSON.stringify({ a: MARKER }) },
    { abortSignal },
  );
  const { pk, sk } = tableKeys.due('SERVICE#', 1_000, ORPHAN);
  const dynamo = new DynamoDBClient(place);
  const Item = {
    pk: { S: pk },
    sk: { S: sk },
    id: { S: ORPHAN },
    ownerId: { S: 'nobody' },
    dueAt: { N: '1000' },
  };
  await dynamo.send(new PutItemCommand({ TableName: table, Item }));
  dynamo.destroy();
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Names and texts of all that the application keeps or said. */
async function everything(): Promise<[name: string, text: string][]> {
  const { place, table, bucket } = await developer();
  const dynamo = new DynamoDBClient(place);
  const s3 = new S3Client({ ...place, forcePathStyle: true });
  const { Items = [] } = await dynamo.send(new ScanCommand({ TableName: table }));
  expect(Items.length).toBeGreaterThan(0);
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket }));
  dynamo.destroy();
  s3.destroy();
  const files = await Promise.all(
    (await filesIn(cloud.dataDir)).map(async (path): Promise<[string, string]> => [
      path,
      // One that was removed meanwhile held nothing, either.
      await readFile(path, 'latin1').catch(() => ''),
    ]),
  );
  return [
    ['table', JSON.stringify(Items)],
    ['objects', JSON.stringify(Contents)],
    ['answers', answers.join('\n')],
    ...files,
  ];
}

/** Where one of these is. */
const places = async (forms: readonly string[]) =>
  (await everything()).flatMap(([name, text]) =>
    forms.some((form) => text.includes(form)) ? [name] : [],
  );

/** Where the marker is. */
async function findings(): Promise<string[]> {
  // What is no secret is found, so the search would find one that is.
  expect((await places(['api.dify.ai'])).length).toBeGreaterThan(2);
  return places(FORMS);
}

const NamesSchema = z.record(z.string(), z.object({ name: z.string() }));

/** The secrets of connections, opened with the key. */
async function secrets(): Promise<Record<string, string | undefined>> {
  const [values = '', key] = await Promise.all(
    ['secrets.json', 'secrets.key'].map((name) => readFile(join(cloud.dataDir, name), 'utf8')),
  );
  const opened = openSecretValues([], secretsInMemory(values, key));
  const names = Object.values(NamesSchema.parse(JSON.parse(values))).map(({ name }) => name);
  return Object.fromEntries(
    names
      .filter((name) => name.startsWith('Sheaf/connections/') && !name.endsWith(ORPHAN))
      .map((name) => [name, opened.find(name)?.value]),
  );
}

describe('a secret header', { timeout: 180_000 }, () => {
  const service = {
    name: 'Dify',
    baseUrl: 'https://api.dify.ai/v1',
    headers: { Accept: 'application/json' },
    secretHeaders: { Authorization: `Bearer ${MARKER}` },
  };
  let connectionId = '';

  it('is sealed in its secret, and in no item, object, log, answer or other file', async () => {
    const key = '8e03978e-40d5-43e8-bc93-6894a57f9324';
    const created = await send('POST', '/connections', service, key);
    expect(created.status).toBe(201);
    connectionId = idIn(created.text);
    const again = await send('POST', '/connections', service, key);
    expect([again.status, again.text]).toEqual([201, created.text]);
    const other = { ...service, secretHeaders: { Authorization: `Bearer ${MARKER}2` } };
    expect((await send('POST', '/connections', other, key)).status).toBe(422);
    expect((await send('GET', '/connections')).text).toContain(connectionId);
    expect((await send('GET', `/connections/${connectionId}`)).status).toBe(200);

    const kept = await secrets();
    expect(Object.keys(kept)).toEqual([
      expect.stringMatching(new RegExp(`^Sheaf/connections/${connectionId}/[0-9A-Z]{16}$`)),
    ]);
    expect(Object.values(kept)).toEqual([JSON.stringify({ authorization: `Bearer ${MARKER}` })]);
    expect(await findings()).toEqual([]);
  });

  it('is not repeated by an error', async () => {
    const wrong = [
      { ...service, secretHeaders: { Authorization: `${MARKER}\r\nx: y` } },
      { ...service, secretHeaders: { Authorization: [MARKER] } },
      { ...service, secretHeaders: { [`Bearer ${MARKER}`]: 'x' } },
      { ...service, secretHeaders: [MARKER] },
      { ...service, secretHeaders: MARKER },
      { ...service, secretHeaders: { Host: MARKER } },
      { ...service, headers: { Authorization: MARKER } },
      { ...service, headers: { 'X-Version': `${MARKER}\n` } },
      { ...service, baseUrl: `https://ada:${MARKER}@api.dify.ai/` },
      { ...service, baseUrl: `https://api.dify.ai/?key=${MARKER}` },
      { ...service, baseUrl: `${MARKER}:` },
      { ...service, name: 7 },
      `{"secretHeaders": {"a": "${MARKER}"`,
      `{"secretHeaders": {"a": ${MARKER}}}`,
      `"${MARKER}"`,
    ];
    for (const body of wrong) {
      const refused = await send('POST', '/connections', body, 'another-key');
      expect([body, refused.status]).toEqual([body, 400]);
    }
    expect(Object.keys(await secrets())).toHaveLength(1);
    expect(await findings()).toEqual([]);
  });

  it('is still there after a kill, in files of their user', async () => {
    const before = await secrets();
    cloud = await cloud.restart('SIGKILL');
    expect(await secrets()).toEqual(before);
    for (const name of ['secrets.json', 'secrets.key']) {
      expect((await stat(join(cloud.dataDir, name))).mode & 0o777).toBe(0o600);
    }
    expect((await send('GET', `/connections/${connectionId}`)).status).toBe(200);
  });

  it('goes with its connection', async () => {
    expect((await send('DELETE', `/connections/${connectionId}`)).status).toBe(204);
    expect((await send('DELETE', `/connections/${connectionId}`)).status).toBe(404);
    expect(await secrets()).toEqual({});
    expect(await findings()).toEqual([]);
  });

  it('that a killed process left is deleted by the sweeper', async () => {
    const file = join(cloud.dataDir, 'secrets.json');
    await expect
      .poll(() => readFile(file, 'utf8'), { timeout: 120_000, interval: 500 })
      .not.toContain(ORPHAN);
    expect(await findings()).toEqual([]);
  });
});

describe('hosts that the operator lists', { timeout: 120_000 }, () => {
  it('are all that a connection may name', async () => {
    cloud = await cloud.restart('SIGTERM', { SHEAF_SERVICE_HOSTS: 'api.dify.ai,*.example.com' });
    const at = async (baseUrl: string) =>
      (await send('POST', '/connections', { name: 'S', baseUrl })).status;
    expect(await at('https://api.dify.ai/v1')).toBe(201);
    expect(await at('https://a.example.com/')).toBe(201);
    expect(await at('https://example.com/')).toBe(400);
    expect(await at('https://api.openai.com/v1')).toBe(400);
  });
});
