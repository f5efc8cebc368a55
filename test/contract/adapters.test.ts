/** What the adapters make of the answers of services: every failure in words of ours. */
import { S3Client } from '@aws-sdk/client-s3';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { createDynamoClient } from '../../functions/adapters/clients/dynamo.ts';
import { createStepFunctionsClient } from '../../functions/adapters/clients/stepFunctions.ts';
import { createDynamoTable } from '../../functions/adapters/dynamoTable.ts';
import { createConnections } from '../../functions/adapters/managedConnections.ts';
import { createS3ObjectStore } from '../../functions/adapters/s3ObjectStore.ts';
import { createWorkflow } from '../../functions/adapters/stepFunctionsWorkflow.ts';
import { clientConfig, type LoopbackServer, serve } from '../support/localAws.ts';

interface Answer {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  /** Breaks the connection off behind the body. */
  readonly breaksOff?: boolean;
}

const open: LoopbackServer[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

/** A service that gives these answers, one a request, and the last one from then on. */
async function service(...answers: Answer[]) {
  const requests: { request: IncomingMessage; body: string }[] = [];
  const server = await serve(async (request: IncomingMessage, response: ServerResponse) => {
    requests.push({ request, body: await text(request) });
    const {
      status,
      headers,
      body = '',
      breaksOff,
    } = answers[requests.length - 1] ?? answers.at(-1) ?? { status: 500 };
    response.writeHead(status, headers);
    if (breaksOff) response.write(body, () => response.destroy());
    else response.end(body);
  });
  open.push(server);
  return { url: server.url, requests, config: { ...clientConfig(server.url), maxAttempts: 1 } };
}

const jsonError = (type: string, status = 400): Answer => ({
  status,
  headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-errortype': type },
  body: JSON.stringify({ __type: `com.amazonaws#${type}`, message: 'said the service' }),
});
const s3Error = (code: string, status: number): Answer => ({
  status,
  headers: { 'content-type': 'application/xml' },
  body: `<?xml version="1.0"?><Error><Code>${code}</Code><Message>m</Message></Error>`,
});
const unavailable = { name: 'ServiceUnavailable', cause: expect.any(Error) as Error };

describe('connections', () => {
  const send = async (...answers: Answer[]) => {
    const { url, config, requests } = await service(...answers);
    const connections = createConnections({ managementUrl: url, placeOf: () => config });
    return { sent: connections.send('abc=', '{"é":1}'), requests };
  };

  it('post the message to the connection', async () => {
    const { sent, requests } = await send({ status: 200 });
    expect(await sent).toBe('sent');
    expect(requests[0]?.request.url).toBe('/@connections/abc%3D');
    expect(requests[0]?.body).toBe('{"é":1}');
  });

  it('tell that a client has left', async () => {
    expect(await (await send(jsonError('GoneException', 410))).sent).toBe('gone');
  });

  it('raise everything else', async () => {
    const forbidden = (await send(jsonError('ForbiddenException', 403))).sent;
    await expect(forbidden).rejects.toMatchObject({ name: 'ForbiddenException' });
    const slow = (await send(jsonError('LimitExceededException', 429))).sent;
    await expect(slow).rejects.toMatchObject(unavailable);
  });
});

describe('the workflow', () => {
  const arns = { task: 'arn:aws:states:eu-central-1:0:stateMachine:Task', ingest: 'arn:…:Ingest' };
  const start = async (...answers: Answer[]) => {
    const { config, requests } = await service(...answers);
    const workflow = createWorkflow(
      arns,
      createStepFunctionsClient(() => config),
    );
    return { started: workflow.start('task', 'task_1-1', { taskId: 'task_1' }), requests };
  };

  it('starts by name, with the input as JSON', async () => {
    const { started, requests } = await start({
      status: 200,
      headers: { 'content-type': 'application/x-amz-json-1.0' },
      body: '{"executionArn":"arn","startDate":1}',
    });
    await started;
    expect(JSON.parse(requests[0]?.body ?? '')).toEqual({
      stateMachineArn: arns.task,
      name: 'task_1-1',
      input: '{"taskId":"task_1"}',
    });
  });

  it('looks what a name that was used before was used for', async () => {
    const described = (input: unknown): Answer => ({
      status: 200,
      headers: { 'content-type': 'application/x-amz-json-1.0' },
      body: JSON.stringify({ executionArn: 'arn', input: JSON.stringify(input) }),
    });
    const again = jsonError('ExecutionAlreadyExists');
    const { started, requests } = await start(again, described({ taskId: 'task_1' }));
    await expect(started).resolves.toBeUndefined();
    expect(JSON.parse(requests[1]?.body ?? '')).toEqual({
      executionArn: 'arn:aws:states:eu-central-1:0:execution:Task:task_1-1',
    });
    const other = (await start(again, described({ taskId: 'task_2' }))).started;
    await expect(other).rejects.toThrow('task_1-1 of the workflow task was started before');
    const lost = (await start(again, jsonError('ThrottlingException'))).started;
    await expect(lost).rejects.toMatchObject(unavailable);
  });

  it('raises everything else', async () => {
    const missing = (await start(jsonError('StateMachineDoesNotExist'))).started;
    await expect(missing).rejects.toMatchObject({ name: 'StateMachineDoesNotExist' });
    const throttled = (await start(jsonError('ThrottlingException'))).started;
    await expect(throttled).rejects.toMatchObject(unavailable);
  });
});

describe('the table', () => {
  const key = { pk: 'P', sk: 'S' };
  const tableOf = async (...answers: Answer[]) => {
    const { config } = await service(...answers);
    const client = createDynamoClient(() => config);
    return createDynamoTable({ tableName: 'T', clock: { now: () => 0 }, client });
  };

  it.each([
    ['a throttle', jsonError('ProvisionedThroughputExceededException')],
    ['a server error', jsonError('InternalServerError', 500)],
    ['an answer that breaks off', { status: 200, body: '{"It', breaksOff: true }],
  ])('raises ServiceUnavailable after %s, with its cause', async (_what, answer) => {
    const table = await tableOf(answer);
    await expect(table.get(key)).rejects.toMatchObject(unavailable);
    await expect(table.put(key, {}, { absent: 'pk' })).rejects.toMatchObject(unavailable);
    await expect(table.query({ partition: 'P' })).rejects.toMatchObject(unavailable);
  });

  it('raises what will not pass as it is', async () => {
    const table = await tableOf(jsonError('AccessDeniedException'));
    await expect(table.get(key)).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });
});

describe('the object store', () => {
  const storeOf = async (...answers: Answer[]) => {
    const { config, requests } = await service(...answers);
    const client = new S3Client({ ...config, requestChecksumCalculation: 'WHEN_REQUIRED' });
    return { objects: createS3ObjectStore({ bucketName: 'b', client }), requests };
  };
  const body = new Uint8Array([1]);

  it('raises ServiceUnavailable for what may pass, with its cause', async () => {
    const { objects } = await storeOf(s3Error('SlowDown', 503));
    await expect(objects.put('k', body)).rejects.toMatchObject(unavailable);
    await expect(objects.read('k')).rejects.toMatchObject(unavailable);
    await expect(objects.startUpload('k')).rejects.toMatchObject(unavailable);
  });

  it('raises ServiceUnavailable when nobody is there', async () => {
    const { config } = await service();
    await open.splice(0)[0]?.close();
    const objects = createS3ObjectStore({ bucketName: 'b', client: new S3Client(config) });
    await expect(objects.head('k')).rejects.toMatchObject(unavailable);
  });

  it('does not take a refusal for a missing object', async () => {
    const { objects } = await storeOf(s3Error('AccessDenied', 403));
    await expect(objects.read('k')).rejects.toMatchObject({ name: 'AccessDenied' });
    await expect(objects.head('k')).rejects.toThrow();
  });

  it('repeats a conditional write that raced another', async () => {
    const conflict = s3Error('ConditionalRequestConflict', 409);
    const won = await storeOf(conflict, { status: 200, headers: { etag: '"x"' } });
    expect(await won.objects.put('k', body, { ifAbsent: true })).toBe(true);
    const lost = await storeOf(conflict, s3Error('PreconditionFailed', 412));
    expect(await lost.objects.put('k', body, { ifAbsent: true })).toBe(false);
    expect(lost.requests).toHaveLength(2);
    const endless = await storeOf(conflict);
    await expect(endless.objects.put('k', body, { ifAbsent: true })).rejects.toMatchObject(
      unavailable,
    );
  });

  it('takes a body that breaks off up again where it broke, of the same object', async () => {
    const headers = { etag: '"tag"', 'content-length': '10' };
    const { objects, requests } = await storeOf(
      { status: 206, headers, body: 'abcd', breaksOff: true },
      { status: 206, headers: { ...headers, 'content-length': '6' }, body: 'efghij' },
    );
    const memory = new Uint8Array(10);
    const read = await objects.read('k', { offset: 5, length: 10 }, memory);
    expect(read).toBe(memory);
    expect(Buffer.from(read).toString()).toBe('abcdefghij');
    expect(
      requests.map(({ request }) => [request.headers.range, request.headers['if-match']]),
    ).toEqual([
      ['bytes=5-14', undefined],
      ['bytes=9-14', '"tag"'],
    ]);
  });

  it('gives up a body that breaks off again and again', async () => {
    const { objects, requests } = await storeOf({
      status: 200,
      headers: { etag: '"tag"', 'content-length': '10' },
      breaksOff: true,
    });
    await expect(objects.read('k')).rejects.toMatchObject(unavailable);
    expect(requests.length).toBeLessThan(5);
  });

  it('asks for the upload anew when two completions raced', async () => {
    const begun =
      '<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>';
    const { objects, requests } = await storeOf(
      { status: 200, headers: { 'content-type': 'application/xml' }, body: begun },
      { status: 200, headers: { etag: '"p"' } },
      s3Error('ConditionalRequestConflict', 409),
    );
    const upload = await objects.startUpload('k');
    await upload.uploadPart(1, body);
    expect(requests.map(({ request }) => request.headers['x-amz-content-sha256'])).toEqual([
      expect.stringMatching(/^[0-9a-f]{64}$/),
      // Of what parts hold there is too much to be hashed.
      'UNSIGNED-PAYLOAD',
    ]);
    await expect(upload.complete({ ifAbsent: true })).rejects.toMatchObject(unavailable);
  });
});
