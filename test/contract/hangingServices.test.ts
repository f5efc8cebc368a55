/** What the adapters make of services that do not answer, or do not finish their answer. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { S3Client } from '@aws-sdk/client-s3';
import { afterEach, describe, expect, it } from 'vitest';
import { CALL_LIMITS, type CallLimits } from '../../functions/adapters/callLimits.ts';
import { createDynamoClient } from '../../functions/adapters/clients/dynamo.ts';
import { createStepFunctionsClient } from '../../functions/adapters/clients/stepFunctions.ts';
import { createDynamoTable } from '../../functions/adapters/dynamoTable.ts';
import { createConnections } from '../../functions/adapters/managedConnections.ts';
import { createS3ObjectStore } from '../../functions/adapters/s3ObjectStore.ts';
import { createWorkflow } from '../../functions/adapters/stepFunctionsWorkflow.ts';
import { ASSEMBLE_ARCHIVE_SECONDS } from '../../infra/workflow/timing.ts';
import { LEASE_MS } from '../../shared/limits.ts';
import { clientConfig, type LoopbackServer, serve } from '../support/localAws.ts';

/** For calls that are to run out of time. */
const SHORT_MS = 50;
/** For calls that are to be answered in the end, on a slow machine too. */
const AMPLE_MS = 1_500;

/** As many tries as in earnest, but of another length. */
const limitsOf = (ms: number): CallLimits => {
  const { table, start, secret, post, object, send, copy, complete } = CALL_LIMITS;
  return {
    table: { ...table, ms },
    start: { ...start, ms },
    secret: { ...secret, ms },
    post: { ...post, ms },
    object: { ...object, ms },
    send: { ...send, ms },
    copy: { ...copy, ms },
    complete: { ...complete, ms },
    idleBodyMs: ms,
  };
};

const unavailable = {
  name: 'ServiceUnavailable',
  cause: expect.objectContaining({ name: 'TimeoutError' }) as Error,
};

const open: LoopbackServer[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

type Answer = (response: ServerResponse, request: IncomingMessage) => void;
const silent: Answer = () => undefined;
const endless: Answer = (response) => {
  response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0', 'content-length': '99' });
  response.write('{"');
};

/** A service that treats its first requests so, and all others like the last of them. */
async function service(ms: number, ...answers: Answer[]) {
  const limits = limitsOf(ms);
  const requests: IncomingMessage[] = [];
  const server = await serve(async (request, response) => {
    requests.push(request);
    request.resume();
    (answers[requests.length - 1] ?? answers.at(-1))?.(response, request);
  });
  open.push(server);
  const config = clientConfig(server.url);
  const s3 = new S3Client({ ...config, requestChecksumCalculation: 'WHEN_REQUIRED' });
  return {
    requests,
    table: createDynamoTable({
      tableName: 'T',
      clock: { now: () => 0 },
      client: createDynamoClient(() => config),
      limits,
    }),
    connections: createConnections({
      managementUrl: server.url,
      placeOf: () => config,
      limits,
    }),
    workflow: createWorkflow(
      { task: 'arn:t', ingest: 'arn:i' },
      createStepFunctionsClient(() => config),
      limits,
    ),
    objects: createS3ObjectStore({ bucketName: 'b', client: s3, limits }),
  };
}
type Service = Awaited<ReturnType<typeof service>>;

const key = { pk: 'P', sk: 'S' };
const body = new Uint8Array(8);
const begun: Answer = (response) =>
  response
    .writeHead(200, { 'content-type': 'application/xml' })
    .end('<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>');

describe.each([
  ['does not answer', silent],
  ['does not finish its answer', endless],
])('a service that %s', (_what, answer) => {
  it.each<[string, 'table' | 'start', (service: Service) => Promise<unknown>]>([
    ['reading an item', 'table', ({ table }) => table.get(key)],
    ['writing an item', 'table', ({ table }) => table.update(key, { set: { a: 1 } })],
    ['reading a page', 'table', ({ table }) => table.query({ partition: 'P' })],
    ['starting an execution', 'start', ({ workflow }) => workflow.start('task', 'n', {})],
  ])('ends %s', async (_call, kind, call) => {
    const used = await service(SHORT_MS, answer);
    await expect(call(used)).rejects.toMatchObject(unavailable);
    expect(used.requests.length).toBeLessThanOrEqual(CALL_LIMITS[kind].tries);
  });
});

describe('a service that does not answer', () => {
  it('ends a message, which is not sent twice', async () => {
    const { connections, requests } = await service(SHORT_MS, silent);
    expect(await connections.send('c', 'm')).toBe('unanswered');
    expect(requests.length).toBeLessThanOrEqual(1);
  });

  it.each<[string, (service: Service) => Promise<unknown>]>([
    ['asking for an object', ({ objects }) => objects.head('k')],
    ['writing an object', ({ objects }) => objects.put('k', body)],
    ['beginning an upload', ({ objects }) => objects.startUpload('k')],
  ])('ends %s', async (_call, call) => {
    const used = await service(SHORT_MS, silent);
    await expect(call(used)).rejects.toMatchObject(unavailable);
    expect(used.requests.length).toBeLessThanOrEqual(2);
  });

  it.each<[string, number, (upload: Upload) => Promise<unknown>]>([
    ['sending a part', 2, (upload) => upload.uploadPart(1, body)],
    ['copying a part', 2, (upload) => upload.copyPart(1, 'source')],
    ['completing the upload, which is not done twice', 1, (upload) => upload.complete()],
    ['forgetting the upload', 2, (upload) => upload.abort()],
  ])('ends %s', async (_call, tries, call) => {
    const { objects, requests } = await service(AMPLE_MS / 5, begun, silent);
    const upload = await objects.startUpload('k');
    await expect(call(upload)).rejects.toMatchObject(unavailable);
    expect(requests.length).toBeLessThanOrEqual(1 + tries);
  });

  it('is asked again', async () => {
    const answered: Answer = (response) =>
      response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' }).end('{"Item":{}}');
    const { table } = await service(AMPLE_MS, silent, answered);
    expect(await table.get(key)).toEqual({});
  });
});
type Upload = Awaited<ReturnType<Service['objects']['startUpload']>>;

describe('an object whose bytes stop coming', () => {
  const headers = { etag: '"tag"' };
  const stops: Answer = (response) => {
    response.writeHead(200, { ...headers, 'content-length': '6' });
    response.write('abc');
  };

  it('is taken up where it stopped', async () => {
    const rest: Answer = (response) =>
      response.writeHead(206, { ...headers, 'content-length': '3' }).end('def');
    const { objects, requests } = await service(AMPLE_MS, stops, rest);
    expect(Buffer.from(await objects.read('k')).toString()).toBe('abcdef');
    expect(requests.map((request) => request.headers.range)).toEqual([undefined, 'bytes=3-']);
  });

  it('is given up when nothing more comes', async () => {
    const nothing: Answer = (response) => {
      response.writeHead(206, { ...headers, 'content-length': '3' });
      response.flushHeaders();
    };
    const { objects, requests } = await service(AMPLE_MS / 5, stops, nothing);
    await expect(objects.read('k')).rejects.toMatchObject(unavailable);
    expect(requests).toHaveLength(4);
  });

  it('is not given up while its reader is slow', async () => {
    const whole: Answer = (response) => {
      response.writeHead(200, { ...headers, 'content-length': '6' });
      response.write('abc', () => response.end('def'));
    };
    const { objects, requests } = await service(AMPLE_MS / 5, whole);
    let text = '';
    for await (const piece of objects.stream('k')) {
      text += Buffer.from(piece).toString();
      // Longer than any piece may take to come.
      await new Promise((resolve) => setTimeout(resolve, AMPLE_MS));
    }
    expect(text).toBe('abcdef');
    expect(requests).toHaveLength(1);
  });
});

describe('the limits', () => {
  const whole = ({ ms, tries }: { ms: number; tries: number }) => ms * tries;

  it('let a write to the table fail before a lease ends', () => {
    expect(whole(CALL_LIMITS.table)).toBeLessThan(LEASE_MS);
  });

  it('let an archive fail before its function is ended', () => {
    const { copy, complete } = CALL_LIMITS;
    expect(whole(copy) + whole(complete)).toBeLessThan(ASSEMBLE_ARCHIVE_SECONDS * 1000);
  });
});
