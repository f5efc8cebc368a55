/** Calls of the services with a JSON protocol, held against the SDK's clients for them. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import fc from 'fast-check';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { attributeValues, itemOf } from '../../functions/adapters/attributeValues.ts';
import { createDynamoClient } from '../../functions/adapters/clients/dynamo.ts';
import { createTestAccess, clientConfig, type LoopbackServer, serve } from '../support/localAws.ts';
import { receiveJsonCall } from '../../local/net/jsonService.ts';

const open: LoopbackServer[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

type Respond = (response: ServerResponse, request: IncomingMessage) => void;

/** A service that answers its first requests so, and all others as the last of them. */
async function service(...answers: Respond[]) {
  const requests: { headers: IncomingMessage['headers']; body: string; port: unknown }[] = [];
  const server = await serve(async (request, response) => {
    const { headers, socket } = request;
    requests.push({ headers, body: await text(request), port: socket.remotePort });
    (answers[requests.length - 1] ?? answers.at(-1))?.(response, request);
  });
  open.push(server);
  return { url: server.url, requests };
}

const answer =
  (status: number, body: unknown): Respond =>
  (response) =>
    response
      .writeHead(status, { 'content-type': 'application/x-amz-json-1.0' })
      .end(JSON.stringify(body));
const refusal = (name: string, status = 400) =>
  answer(status, { __type: `com.amazonaws.dynamodb.v20120810#${name}`, message: 'why' });
const breaksOff: Respond = (response) => response.destroy();
const fine = answer(200, { Item: { a: { S: 'b' } } });

const clientOf = (url: string, maxAttempts?: number) =>
  createDynamoClient(() => ({ ...clientConfig(url), ...(maxAttempts && { maxAttempts }) }));
const get = (url: string, maxAttempts?: number) =>
  clientOf(url, maxAttempts)('GetItem', {}, { abortSignal: new AbortController().signal });

/** A key, but for the one by which the SDK's converter sets a prototype instead of a member. */
const key = fc.string().filter((text) => text !== '__proto__');
/** Plain JSON, its numbers exact: only those can be stored. */
const json = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.string(),
    fc.double({ noNaN: true, min: -Number.MAX_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER }),
    fc.maxSafeInteger(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(key, tie('value'), { maxKeys: 4 }),
  ),
})).value;
const item = fc.dictionary(key, json);
/** Keys that mean something to JavaScript, and that the SDK does not take. */
const oddItem = fc.dictionary(fc.constantFrom('constructor', '__proto__', 'toString'), item);

describe('an item', () => {
  it('is written as the SDK writes it', async () => {
    const { url, requests } = await service(answer(200, {}));
    const sdk = DynamoDBDocumentClient.from(new DynamoDBClient(clientConfig(url)));
    await fc.assert(
      fc.asyncProperty(item, async (value) => {
        await sdk.send(new PutCommand({ TableName: 'T', Item: value }));
        const sent = { TableName: 'T', Item: attributeValues(value) };
        expect(JSON.parse(JSON.stringify(sent))).toEqual(JSON.parse(requests.at(-1)?.body ?? ''));
      }),
      { numRuns: 100 },
    );
    sdk.destroy();
  });

  it('is read as the SDK reads it', async () => {
    const stored = {
      s: { S: '' },
      n: { N: '-1.5E+3' },
      yes: { BOOL: true },
      none: { NULL: true },
      l: { L: [{ N: '0' }, { M: { x: { S: 'y' } } }] },
    };
    const { url } = await service(answer(200, { Item: stored }));
    const sdk = DynamoDBDocumentClient.from(new DynamoDBClient(clientConfig(url)));
    const { Item } = await sdk.send(new GetCommand({ TableName: 'T', Key: { pk: 'p' } }));
    expect(itemOf(stored)).toEqual(Item);
    sdk.destroy();
  });

  it('is read back as it was', () => {
    fc.assert(
      fc.property(fc.oneof(item, oddItem), (value) => {
        const back = itemOf(JSON.parse(JSON.stringify(attributeValues(value))));
        expect(JSON.stringify(back)).toBe(JSON.stringify(value));
      }),
    );
  });

  it.each([undefined, Number.NaN, Infinity, 2 ** 53, 1n, () => 1, new Date(), new Set(['a'])])(
    'does not hold %s',
    (value) => {
      expect(() => attributeValues({ a: [value] })).toThrow(TypeError);
    },
  );

  it.each([
    undefined,
    { a: { SS: ['x'] } },
    { a: { N: '9007199254740993' } },
    { a: { S: 'x', N: '1' } },
    { a: {} },
    { a: null },
  ])('that nothing here wrote is refused: %j', (attributes) => {
    expect(() => itemOf(attributes)).toThrow(TypeError);
  });
});

describe('a call', () => {
  it('is signed, with the operation and the media type', async () => {
    const access = createTestAccess();
    const server = await serve(async (request, response) => {
      const { operation, input } = await receiveJsonCall(request, access, 'dynamodb');
      response.end(JSON.stringify({ operation, input, type: request.headers['content-type'] }));
    });
    open.push(server);
    const stop = { abortSignal: new AbortController().signal };
    expect(await clientOf(server.url)('PutItem', { a: 'é' }, stop)).toEqual({
      operation: 'PutItem',
      input: { a: 'é' },
      type: 'application/x-amz-json-1.0',
    });
  });

  it.each([
    ['a throttle', refusal('ProvisionedThroughputExceededException')],
    ['a server error', refusal('InternalServerError', 500)],
    ['what something in between says', answer(502, '<html>')],
    ['a connection that breaks', breaksOff],
  ])('is tried again after %s, as often as the SDK does', async (_what, failing) => {
    const passing = await service(failing, failing, fine);
    expect(await get(passing.url)).toEqual({ Item: { a: { S: 'b' } } });
    const lasting = await service(failing);
    await expect(get(lasting.url)).rejects.toThrow();
    expect(lasting.requests).toHaveLength(5);
  });

  it('is not tried again when the service says no', async () => {
    const { url, requests } = await service(refusal('ConditionalCheckFailedException'));
    await expect(get(url)).rejects.toMatchObject({
      name: 'ConditionalCheckFailedException',
      message: 'why',
      $metadata: { httpStatusCode: 400 },
    });
    expect(requests).toHaveLength(1);
  });

  it('ends at once when it is told to stop, between two tries as well', async () => {
    const stop = new AbortController();
    const { url, requests } = await service((response, request) => {
      refusal('InternalServerError', 500)(response, request);
      response.on('finish', () => stop.abort());
    });
    const call = clientOf(url)('GetItem', {}, { abortSignal: stop.signal });
    await expect(call).rejects.toThrow();
    expect(requests).toHaveLength(1);
  });

  it('keeps its connection, and takes another one when that was closed meanwhile', async () => {
    const { url, requests } = await service(fine);
    const client = clientOf(url, 1);
    const stop = { abortSignal: new AbortController().signal };
    await client('GetItem', {}, stop);
    await client('GetItem', {}, stop);
    expect(new Set(requests.map(({ port }) => port)).size).toBe(1);
    // Closed by the service as the next request is on its way.
    const closing = await service(fine, (response) => response.socket?.resetAndDestroy(), fine);
    const other = clientOf(closing.url, 1);
    await other('GetItem', {}, stop);
    expect(await other('GetItem', {}, stop)).toEqual({ Item: { a: { S: 'b' } } });
    expect(closing.requests).toHaveLength(3);
  });

  it('fails as one that may pass when nobody is there', async () => {
    const { url } = await service(fine);
    await open.pop()?.close();
    await expect(get(url, 2)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});
