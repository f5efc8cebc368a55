/** The secrets port over the local Secrets Manager: signed, permitted, kept for a while. */
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createSecrets, type SecretsOptions } from '../../functions/adapters/secretsManager.ts';
import { openDataFolder } from '../../local/disk/dataFolder.ts';
import { createSecretsEndpoint } from '../../local/secretsManager/endpoint.ts';
import { secretDefinition } from '../../local/secretsManager/secretProperties.ts';
import { openSecretValues, type SecretsFile } from '../../local/secretsManager/secretValues.ts';
import {
  ACCOUNT,
  clientConfig,
  createTestAccess,
  credentialsOf,
  type LoopbackServer,
  REGION,
  serve,
} from '../support/localAws.ts';

const NAME = 'Sheaf-Master';
const ARN = `arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret:${NAME}-a1b2c3`;
const GENERATE = { PasswordLength: 64, ExcludePunctuation: true };
const resource = (properties: Record<string, unknown>) => ({
  logicalId: 'Master',
  type: 'AWS::SecretsManager::Secret',
  ref: ARN,
  arn: undefined,
  properties,
});
const DEFINITION = secretDefinition(resource({ GenerateSecretString: GENERATE }));

const inMemory = (text?: string): SecretsFile & { text: string | undefined } => {
  const file = {
    text,
    read: () => file.text,
    write: (written: string) => void (file.text = written),
  };
  return file;
};

const servers: LoopbackServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

/** A Secrets Manager in which Reader may read, and how often it was asked. */
async function secretsManager() {
  const values = openSecretValues([DEFINITION], inMemory());
  const access = createTestAccess({
    policies: {
      Reader: [
        {
          Statement: { Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: ARN },
        },
      ],
      Other: [{ Statement: { Effect: 'Allow', Action: 's3:GetObject', Resource: '*' } }],
    },
  });
  const handle = createSecretsEndpoint(values, access);
  const calls = { count: 0 };
  const server = await serve((request, response) => {
    calls.count++;
    return handle(request, response);
  });
  servers.push(server);
  return { url: server.url, calls, value: values.get(ARN)?.value };
}

const placeOf = (endpoint: string, accessKeyId: string, maxAttempts = 1) => ({
  ...clientConfig(endpoint, accessKeyId),
  maxAttempts,
});

const clientOf = (endpointUrl: string, options: Partial<SecretsOptions> = {}) =>
  createSecrets({
    secretArn: ARN,
    placeOf: () => placeOf(endpointUrl, 'Reader'),
    monotonicMs: () => 0,
    limits: { secret: { ms: 2_000, tries: 1 } },
    ...options,
  });

describe('the master secret', () => {
  it('is read once in a while, however often it is needed', async () => {
    const { url, calls, value } = await secretsManager();
    expect(value).toMatch(/^[A-Za-z0-9]{64}$/);
    let now = 0;
    const secrets = clientOf(url, { monotonicMs: () => now });
    for (let i = 0; i < 3; i++) expect(await secrets.webhookMaster()).toBe(value);
    expect(calls.count).toBe(1);
    now = 10 * 60_000;
    expect(await secrets.webhookMaster()).toBe(value);
    expect(calls.count).toBe(2);
  });

  it.each([
    ['another role', { secretArn: ARN, key: credentialsOf('Other') }, 'AccessDeniedException'],
    [
      'a wrong key',
      { secretArn: ARN, key: { ...credentialsOf('Reader'), secretAccessKey: 'guessed' } },
      'InvalidSignatureException',
    ],
    [
      'another secret',
      { key: credentialsOf('Reader'), secretArn: ARN.replace('a1b2c3', 'zzzzzz') },
      'AccessDeniedException',
    ],
  ])('is not told to %s', async (_, { key, secretArn }, name) => {
    const { url } = await secretsManager();
    const place = placeOf(url, 'Reader');
    const options = {
      secretArn,
      placeOf: () => ({ ...place, credentials: key }),
    };
    await expect(clientOf(url, options).webhookMaster()).rejects.toMatchObject({ name });
  });

  it('that cannot be read now may be read later', async () => {
    const { url } = await secretsManager();
    await servers.pop()?.close();
    const error = { name: 'ServiceUnavailable' };
    await expect(clientOf(url).webhookMaster()).rejects.toMatchObject(error);
    const hanging = await serve(() => new Promise(() => undefined));
    servers.push(hanging);
    const limits = { secret: { ms: 50, tries: 2 } };
    await expect(clientOf(hanging.url, { limits }).webhookMaster()).rejects.toMatchObject(error);
    const broken = await serve(async (_, response) => {
      response.writeHead(503).end('{"__type":"InternalServiceError"}');
    });
    servers.push(broken);
    await expect(clientOf(broken.url).webhookMaster()).rejects.toMatchObject(error);
  });

  it('is one of this region and service only', () => {
    expect(() => clientOf('http://127.0.0.1:1', { secretArn: 'arn:aws:s3:::bucket' })).toThrow();
  });
});

describe('the values of the local cloud', () => {
  it('stay the same over restarts, in a file of its user', () => {
    const folder = mkdtempSync(join(tmpdir(), 'sheaf-secrets-'));
    const data = openDataFolder(folder, () => undefined);
    const file = {
      read: () => data.read('secrets.json'),
      write: (text: string) => data.writePrivately('secrets.json', text),
    };
    const first = openSecretValues([DEFINITION], file).get(ARN)?.value;
    const second = openSecretValues([DEFINITION], file).get(ARN)?.value;
    expect(second).toBe(first);
    expect(statSync(join(folder, 'secrets.json')).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(folder, 'secrets.json'), 'utf8')).toContain(first ?? '?');
    data.release();
    rmSync(folder, { recursive: true });
  });

  it('are made for secrets that are new, beside those that there are', () => {
    const file = inMemory();
    const before = openSecretValues([DEFINITION], file).get(ARN)?.value;
    const another = { ...DEFINITION, arn: `${ARN}x`, name: 'Another' };
    const after = openSecretValues([DEFINITION, another], file);
    expect(after.get(ARN)?.value).toBe(before);
    expect(after.get(another.arn)?.value).toHaveLength(64);
    expect(after.get(another.arn)?.value).not.toBe(before);
  });

  it('are not made anew over a file that cannot be read', () => {
    for (const text of ['{', '{"a": 1}', '[]']) {
      expect(() => openSecretValues([DEFINITION], inMemory(text))).toThrow(/Put the file back/);
    }
  });

  it('are refused where the template asks for what is not emulated', () => {
    for (const properties of [
      {},
      { SecretString: 'x' },
      { GenerateSecretString: { PasswordLength: 64 } },
      { GenerateSecretString: { ...GENERATE, RequireEachIncludedType: false } },
      { GenerateSecretString: GENERATE, KmsKeyId: 'key' },
    ]) {
      expect(() => secretDefinition(resource(properties))).toThrow(/Master cannot be run locally/);
    }
  });
});
