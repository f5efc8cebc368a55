/** The secrets port over the local Secrets Manager: signed, permitted, kept for a while. */
import { afterEach, describe, expect, it } from 'vitest';
import { createSecrets, type SecretsOptions } from '../../functions/adapters/secretsManager.ts';
import { createSecretsEndpoint } from '../../local/secretsManager/endpoint.ts';
import { secretDefinition } from '../../local/secretsManager/secretProperties.ts';
import { openSecretValues } from '../../local/secretsManager/secretValues.ts';
import {
  ACCOUNT,
  clientConfig,
  createTestAccess,
  credentialsOf,
  type LoopbackServer,
  REGION,
  serve,
} from '../support/localAws.ts';
import { secretsInMemory } from '../support/secretsFiles.ts';

const NAME = 'Sheaf-Master';
const ARN = `arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret:${NAME}-a1b2c3`;
const DEFINITION = secretDefinition({
  logicalId: 'Master',
  type: 'AWS::SecretsManager::Secret',
  ref: ARN,
  arn: undefined,
  properties: { GenerateSecretString: { PasswordLength: 64, ExcludePunctuation: true } },
});

const servers: LoopbackServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

/** A Secrets Manager in which Reader may read, and how often it was asked. */
async function secretsManager() {
  const values = openSecretValues([DEFINITION], secretsInMemory());
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
  return { url: server.url, calls, value: values.find(ARN)?.value };
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
