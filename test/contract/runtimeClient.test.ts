/**
 * The functions as AWS runs them: their bundles without the project around them, each in a process of its
 * own, started by the handler that the template names and fed by Lambda's Runtime API. The services are
 * those of the local cloud, with its signatures and policies.
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { DeleteObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { z } from 'zod';
import { createClient } from '../../cli/target/client.ts';
import { followTask } from '../../client/followTask.ts';
import { LOCAL_REGION } from '../../local/cloudFormation/resourceTypes.ts';
import { startLocalCloud, type LocalCloud } from '../../local/localCloud.ts';
import { objectKeys } from '../../shared/keys.ts';
import { ENV, FUNCTIONS } from '../../shared/names.ts';
import { docx } from '../support/docx.ts';
import { connectEventStream, parseEventStream } from '../support/eventStream.ts';
import { httpEvent } from '../support/gatewayEvents.ts';
import { createEnvironments, type Environments } from '../support/lambda/environments.ts';
import { readZip } from '../support/readZip.ts';

/** What X-Ray's daemon is sent: a line that says so, then a segment. */
const SubsegmentSchema = z.looseObject({ name: z.string() });

/** Processes that start take long on a machine that is busy with others. */
const PATIENCE_MS = 120_000;
vi.setConfig({ testTimeout: PATIENCE_MS, hookTimeout: PATIENCE_MS });

const folder = mkdtempSync(join(tmpdir(), 'sheaf-runtime-'));
const daemon = createSocket('udp4');
const traced: string[] = [];
const errors: string[] = [];
let environments: Environments;
let cloud: LocalCloud;

beforeAll(async () => {
  daemon.bind(0, '127.0.0.1');
  await once(daemon, 'listening');
  daemon.on('message', (datagram) => {
    const [, segment = '{}'] = datagram.toString('utf8').split('\n');
    traced.push(SubsegmentSchema.parse(JSON.parse(segment)).name);
  });
  environments = createEnvironments(`127.0.0.1:${daemon.address().port}`);
  const settings = {
    httpPort: 0,
    wsPort: 0,
    servicesPort: 0,
    dataDir: folder,
    apiKey: undefined,
    taskLimit: undefined,
    quiet: true,
    stopWithParent: false,
    stopWhenUnused: false,
    allowLoopbackTargets: false,
    serviceHosts: undefined,
  };
  const onFault = (line: string) => void errors.push(line);
  cloud = await startLocalCloud(
    settings,
    {
      onSynthesis: () => undefined,
      onError: onFault,
      onBroken: ({ message }) => onFault(message),
    },
    environments.createPool,
  );
});
afterAll(async () => {
  await cloud?.stop();
  environments.remove();
  daemon.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A function of the template, by what its logical id begins with. */
function functionOf(prefix: string) {
  const found = environments.definitions.find(({ logicalId }) => logicalId.startsWith(prefix));
  if (!found) throw new Error(`The template has no function ${prefix}….`);
  return found;
}

const invocationsOf = (prefix: string) =>
  environments.invocations.filter(({ logicalId }) => logicalId.startsWith(prefix));

async function givenTask(rows: number, options = {}) {
  const client = createClient(cloud);
  const { templateId } = await client.uploadTemplate('letter.docx', docx('Dear {name}'));
  const csv = ['name', ...Array.from({ length: rows }, (_, i) => `Person ${i + 1}`)].join('\n');
  const bytes = new TextEncoder().encode(csv);
  const { dataSourceId, status } = await client.uploadDataSource('people.csv', bytes);
  expect(status).toBe('ready');
  const body = { templateIds: [templateId], dataSourceId, options };
  const task = await client.createTask({ body });
  return { client, ...task, dataSourceId };
}

/** Runs a task to its end, followed by the socket. */
async function run(rows: number) {
  const { client, taskId, websocketUrl } = await givenTask(rows);
  await client.startTask({ taskId });
  const final = await followTask(client, taskId, websocketUrl, { progress: () => undefined });
  return { client, taskId, final };
}

/** Removes an object behind the application's back. */
async function removeObject(key: string): Promise<void> {
  const variables = readFileSync(join(folder, 'aws.env'), 'utf8');
  const valueOf = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(variables)?.[1] ?? '';
  const s3 = new S3Client({
    endpoint: valueOf('AWS_ENDPOINT_URL'),
    region: LOCAL_REGION,
    forcePathStyle: true,
    credentials: {
      accessKeyId: valueOf('AWS_ACCESS_KEY_ID'),
      secretAccessKey: valueOf('AWS_SECRET_ACCESS_KEY'),
    },
  });
  const bucket = functionOf('TasksPlanShards').environment[ENV.bucket];
  await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
  s3.destroy();
}

/** Standard output, connections that are kept for the next call, and the tracer's way to the daemon. */
const QUIET = new Set(['PipeWrap', 'TCPSocketWrap', 'UDPWrap']);

describe('every function', () => {
  it('is loaded by the handler that the template names, and by this Node.js', async () => {
    expect(environments.definitions).toHaveLength(FUNCTIONS.length);
    for (const definition of environments.definitions) {
      const environment = await environments.serving(definition);
      const { logicalId } = definition;
      expect([logicalId, await environment.loaded]).toEqual([logicalId, undefined]);
      expect(environment.asked?.nodeVersion).toBe(process.version);
    }
  });

  it('tells by name why it does not load', async () => {
    const definition = functionOf('TasksRenderShard');
    const init = async (changes: { handler?: string; variables?: Record<string, string> }) => {
      const { variables = {}, ...others } = changes;
      const environment = await environments.start({ ...definition, ...others }, { variables });
      const failure = await environment.loaded;
      await environment.stop();
      return failure?.ok === false ? failure.error : failure;
    };
    expect(await init({ variables: { [ENV.table]: '' } })).toMatchObject({
      errorType: 'Error',
      errorMessage: expect.stringContaining(ENV.table) as string,
    });
    expect(await init({ handler: 'index.other' })).toMatchObject({
      errorType: 'Runtime.HandlerNotFound',
    });
    expect(await init({ handler: 'other.handler' })).toMatchObject({
      errorType: 'Runtime.ImportModuleError',
    });
  });
});

describe('a task', () => {
  it('goes from its rows to its archive, told by the socket', async () => {
    errors.length = 0;
    const { client, taskId, final } = await run(12);
    expect(final).toMatchObject({ status: 'completed', succeeded: 12, failed: 0, total: 12 });
    const { url } = await client.downloadArchive({ taskId });
    const path = join(folder, 'letters.zip');
    writeFileSync(path, Buffer.from(await (await fetch(url)).arrayBuffer()));
    expect((await readZip(path)).size).toBe(12 + 1);
    expect(errors).toEqual([]);
  });

  it('leaves nothing behind in an environment that would go on in its next event', () => {
    const { running } = environments;
    expect(running.length).toBeGreaterThan(0);
    const left = running
      .filter(({ answered }) => answered > 0)
      .flatMap(({ asked }) => asked?.activeResources ?? []);
    expect(left.filter((name) => !QUIET.has(name))).toEqual([]);
  });

  it('is traced: one subsegment for each function that had an event, and no failure', async () => {
    const { name } = functionOf('TasksRenderShard');
    await expect.poll(() => traced, { timeout: PATIENCE_MS }).toContain(`## ${name}`);
  });

  it('goes on in another attempt when the time that Lambda gives a shard is over', async () => {
    const { logicalId } = functionOf('TasksRenderShard');
    // One document is always tried; then there is not time enough for as long as one may take.
    await environments.giveTime(logicalId, 20_000);
    const before = invocationsOf(logicalId).length;
    const { final } = await run(3);
    expect(final).toMatchObject({ status: 'completed', succeeded: 3, total: 3 });
    const attempts = invocationsOf(logicalId).slice(before);
    expect(attempts.map(({ result }) => result.ok)).toEqual([true, true, true]);
  });

  it('fails by the names that our code gives, when its rows are gone', async () => {
    const { client, taskId, websocketUrl, dataSourceId } = await givenTask(2, { maxRetries: 0 });
    await removeObject(objectKeys.sourceRows(dataSourceId));
    await client.startTask({ taskId });
    const final = await followTask(client, taskId, websocketUrl, { progress: () => undefined });
    expect(final.status).toBe('failed');
    const failing = invocationsOf('Tasks').flatMap(({ result }) =>
      result.ok ? [] : [result.error.errorType],
    );
    expect(failing).toEqual(['ObjectMissing', 'RetriesExhausted']);
  });

  it('is followed by server-sent events to its end', async () => {
    const { client, taskId } = await givenTask(3);
    const { eventsUrl } = await client.createTicket();
    await client.startTask({ taskId });
    const ended = await connectEventStream(`${eventsUrl}&taskId=${taskId}`);
    expect([ended.status, ended.headers.get('content-type')]).toEqual([
      200,
      'text/event-stream; charset=utf-8',
    ]);
    const events = parseEventStream(await ended.text()).map(({ event }) => event);
    expect([events[0], events.at(-1)]).toEqual(['snapshot', 'task_completed']);
    const refused = await connectEventStream(eventsUrl.replace(/ticket=.*/, 'ticket=wrong'));
    expect([refused.status, JSON.parse(await refused.text())]).toMatchObject([
      401,
      { code: 'UNAUTHORIZED' },
    ]);
    const last = await connectEventStream(`${eventsUrl}&taskId=${taskId}&lastEventId=999`);
    const [{ id = '' } = {}] = parseEventStream(await last.text()).slice(-1);
    expect((await connectEventStream(`${eventsUrl}&taskId=${taskId}`, id)).status).toBe(204);
  });

  it('is told to a webhook, or why it could not be', async () => {
    const { client } = await givenTask(1);
    // A name that is never given to anybody (RFC 6761, section 6.4).
    const body = { url: 'https://receiver.invalid/hook' };
    const { endpointId } = await client.createWebhookEndpoint({ body });
    await client.testWebhookEndpoint({ endpointId });
    const lastTest = async () => (await client.listWebhookEndpoints({})).data[0]?.lastTest ?? null;
    await expect.poll(lastTest, { timeout: 20_000 }).toMatchObject({
      delivered: false,
      httpStatus: null,
    });
  });

  it('starts by itself when its time has come', async () => {
    const { client, templateIds } = await givenTask(1);
    const startAt = new Date(Date.now() + 2_000).toISOString();
    const { taskId, status, websocketUrl } = await client.createTask({
      body: { templateIds, data: [{ name: 'Ada' }], startAt },
    });
    expect(status).toBe('scheduled');
    const final = await followTask(client, taskId, websocketUrl, { progress: () => undefined });
    expect(final).toMatchObject({ status: 'completed', succeeded: 1 });
  });

  it('calls services for its rows', async () => {
    const client = createClient(cloud);
    const step = { name: 'answer', request: { url: 'https://service.invalid/x' }, retries: 0 };
    const body = { data: [{ name: 'Ada' }], steps: [step], autoStart: true };
    const { taskId } = await client.createTask({ body });
    const { websocketUrl } = await client.createTicket();
    const final = await followTask(client, taskId, websocketUrl, { progress: () => undefined });
    expect(final).toMatchObject({ status: 'failed', failed: 1 });
    const failures = await client.listFailures({ taskId });
    expect(failures).toMatchObject({ data: [{ row: 1, code: 'STEP_FAILED' }] });
  });

  it('waits for nobody when nothing is left to wait for', async () => {
    const { taskId } = await givenTask(1);
    const range = { firstRow: 1, rowCount: 1, byteOffset: 0, byteLength: 1 };
    const shard = { taskId, run: 1, round: 1, stage: 'call', ...range };
    const event = JSON.stringify({ shard, token: 'of nobody who waits' });
    const result = await environments.invoke(functionOf('TasksAwaitCallbacks'), event);
    expect(result).toMatchObject({ ok: true, payload: 'null' });
  });

  it('that has ended is left as it is by what ends those that broke', async () => {
    const { taskId } = await givenTask(1);
    const event = { taskId, run: 1, error: { Error: 'States.Timeout', Cause: '' } };
    const result = await environments.invoke(functionOf('TasksFailTask'), JSON.stringify(event));
    expect(result).toMatchObject({ ok: true, payload: 'null' });
  });

  it('publishes the console and withdraws it, as CloudFormation asks, and says how that went', async () => {
    const answers: unknown[] = [];
    const formation = createHttpServer((request, response) => {
      void json(request).then((answer) => {
        answers.push(answer);
        response.end();
      });
    });
    formation.listen(0, '127.0.0.1');
    await once(formation, 'listening');
    const { port } = formation.address() as AddressInfo;
    const ask = async (RequestType: string) => {
      const event = {
        ...{ RequestType, StackId: 'stack', RequestId: RequestType, LogicalResourceId: 'Console' },
        ResponseURL: `http://127.0.0.1:${port}/`,
        ResourceProperties: { ApiUrl: cloud.apiUrl },
      };
      const publish = functionOf('ConsolePublish');
      expect(await environments.invoke(publish, JSON.stringify(event))).toMatchObject({ ok: true });
    };
    try {
      // All but CloudFront is there: the files lie in their bucket before it is asked.
      await ask('Create');
      expect(answers.at(-1)).toMatchObject({
        ...{ RequestId: 'Create', Status: 'FAILED', PhysicalResourceId: 'console' },
        Reason: expect.stringMatching(/^Error: CloudFront answered/) as string,
      });
      await ask('Delete');
      expect(answers.at(-1)).toMatchObject({ RequestId: 'Delete', Status: 'SUCCESS' });
    } finally {
      formation.close();
    }
  });

  it('had an answer from each function', async () => {
    const answered = () =>
      new Set(
        environments.invocations.flatMap(({ result, logicalId }) => (result.ok ? [logicalId] : [])),
      );
    // The sweeper is called by its schedule, some time after the start.
    await expect
      .poll(answered, { timeout: PATIENCE_MS })
      .toEqual(new Set(environments.definitions.map(({ logicalId }) => logicalId)));
  });
});

it('goes on when its connections were cut while the environment was frozen', async () => {
  const sockets = new Set<Socket>();
  const services = new URL(cloud.servicesUrl);
  const between = createServer((socket) => {
    const onward = connect(Number(services.port), services.hostname);
    for (const end of [socket, onward]) {
      sockets.add(end);
      end.on('error', () => undefined);
    }
    socket.pipe(onward).pipe(socket);
  });
  between.listen(0, '127.0.0.1');
  await once(between, 'listening');
  const { port } = between.address() as AddressInfo;
  const environment = await environments.start(functionOf('HttpsFunction'), {
    variables: { AWS_ENDPOINT_URL: `http://127.0.0.1:${port}` },
  });
  const event = JSON.stringify(httpEvent({ path: '/api/v2/batch/tasks', ownerId: 'local' }));
  const ask = async () => {
    const result = await environment.invoke(event);
    const answer: unknown = result.ok ? JSON.parse(result.payload) : result.error;
    return answer;
  };
  for (let time = 1; time <= 3; time++) {
    expect(await ask()).toMatchObject({ statusCode: 200 });
    expect(sockets.size).toBeGreaterThan(0);
    for (const socket of sockets) socket.resetAndDestroy();
    sockets.clear();
  }
  await environment.stop();
  between.close();
});

describe('what fails', () => {
  const invoke = async (
    prefix: string,
    event: unknown,
    changes?: Parameters<Environments['start']>[1],
  ) => {
    const environment = await environments.start(functionOf(prefix), changes);
    const result = await environment.invoke(JSON.stringify(event));
    await environment.stop();
    return result;
  };
  const SHARD = {
    taskId: 'task_01J00000000000000000000000',
    run: 1,
    round: 1,
    firstRow: 1,
    rowCount: 1,
    byteOffset: 0,
    byteLength: 1,
  };

  it('is told by the name that the workflow goes by, with our own places', async () => {
    const result = await invoke('TasksRenderShard', { ...SHARD, run: 'first' });
    expect(result).toMatchObject({
      ok: false,
      error: {
        errorType: 'InvalidInput',
        errorMessage: expect.stringContaining('/run') as string,
        trace: expect.arrayContaining([
          expect.stringContaining('functions/runtime/step.ts:') as string,
        ]) as string[],
      },
    });
  });

  it('is ServiceUnavailable when no service answers, and not the process that ends', async () => {
    const nowhere = { AWS_ENDPOINT_URL: 'http://127.0.0.1:9' };
    const result = await invoke(
      'TasksRecordShardFailure',
      { shard: SHARD, error: { Error: 'Lambda.Unknown', Cause: '' } },
      { variables: nowhere },
    );
    expect(result).toMatchObject({ ok: false, error: { errorType: 'ServiceUnavailable' } });
  });

  it('is a ticket that was used, which the gateway answers with 401', async () => {
    const socket = new WebSocket(`${cloud.websocketUrl}?ticket=used`);
    socket.on('error', () => undefined);
    const [, answer] = (await once(socket, 'unexpected-response')) as [
      unknown,
      { statusCode: number },
    ];
    expect(answer.statusCode).toBe(401);
    socket.terminate();
    expect(invocationsOf('StreamAuthorizer').at(-1)?.result).toMatchObject({
      ok: false,
      error: { errorType: 'Error', errorMessage: 'Unauthorized' },
    });
  });

  it('is a function that Lambda ends when its time is up', async () => {
    const result = await invoke('TasksRecordShardFailure', {}, { timeoutMs: 1 });
    expect(result).toMatchObject({ ok: false, error: { errorType: 'Sandbox.Timedout' } });
  });
});

describe('a function that streams its answer', () => {
  /** Starts a function of this source in place of the template's. */
  async function answerOf(source: string) {
    const bundle = mkdtempSync(join(folder, 'streams-'));
    writeFileSync(join(bundle, 'index.cjs'), source);
    const definition = { ...functionOf('HttpsFunction'), logicalId: 'Streams', folder: bundle };
    const environment = await environments.start(definition);
    const answer = await environment.invoke('{}');
    await environment.stop();
    return answer;
  }

  it('says status and headers before the body', async () => {
    const answer = await answerOf(`
      exports.handler = awslambda.streamifyResponse(async (event, stream, context) => {
        const http = awslambda.HttpResponseStream.from(stream, { statusCode: 200 });
        http.write(': ok');
        http.end(String(context.getRemainingTimeInMillis() > 0));
      });`);
    expect(answer).toEqual({
      ok: true,
      contentType: 'application/vnd.awslambda.http-integration-response',
      payload: `{"statusCode":200}${'\0'.repeat(8)}: oktrue`,
    });
  });

  it('tells its failure behind what it had written', async () => {
    const answer = await answerOf(`
      exports.handler = awslambda.streamifyResponse(async (event, stream) => {
        stream.write('begun');
        throw new RangeError('broken');
      });`);
    expect(answer).toMatchObject({
      ok: true,
      payload: 'begun',
      failure: { errorType: 'RangeError', errorMessage: 'broken' },
    });
  });
});

it('ends at once when Lambda shuts the environments down', async () => {
  const { running } = environments;
  expect(running.length).toBeGreaterThan(0);
  const endings = await Promise.all(running.map((environment) => environment.stop()));
  expect(new Set(endings)).toEqual(new Set(['SIGTERM']));
});
