/**
 * A local cloud that is killed between two writes of its API: a program of its own, told by its parent
 * how many writes the API may still make. The API's calls of the table, the bucket and the workflows go
 * through this process; before the write that is one too many, it ends itself with SIGKILL.
 */
import { createServer, request, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createFunctionPool, type FunctionPoolOptions } from '../../local/lambda/functionPool.ts';
import { startLocalCloud } from '../../local/localCloud.ts';
import { readSettings } from '../../local/settings.ts';

/** Calls that change something: of DynamoDB and Step Functions by their name, of S3 by their method. */
const WRITES = /\.(PutItem|UpdateItem|DeleteItem|StartExecution|StopExecution|UpdateMapRun)$/;

function isWrite({ method, headers }: IncomingMessage): boolean {
  const target = String(headers['x-amz-target'] ?? '');
  if (target !== '') return WRITES.test(target);
  return method === 'PUT' || method === 'DELETE';
}

let writesLeft = Number.POSITIVE_INFINITY;
let services = '';

const between = createServer((incoming, answer) => {
  if (isWrite(incoming)) {
    if (writesLeft === 0) process.kill(process.pid, 'SIGKILL');
    writesLeft--;
  }
  const { method, headers, url } = incoming;
  const onward = request(new URL(url ?? '/', services), { method, headers, setHost: false });
  onward.on('response', (response) => {
    answer.writeHead(response.statusCode ?? 500, response.headers);
    response.pipe(answer);
  });
  onward.on('error', () => answer.destroy());
  incoming.pipe(onward);
});
between.listen(0, '127.0.0.1');
await once(between, 'listening');
const { port } = between.address() as AddressInfo;

const createPool = (options: FunctionPoolOptions) =>
  createFunctionPool({
    ...options,
    environmentOf(definition) {
      const environment = options.environmentOf(definition);
      if (!definition.logicalId.startsWith('HttpsFunction')) return environment;
      services = environment['AWS_ENDPOINT_URL'] ?? '';
      return { ...environment, AWS_ENDPOINT_URL: `http://127.0.0.1:${port}` };
    },
  });

process.on('message', (allowed: number) => {
  writesLeft = allowed;
  process.send?.('armed');
});
process.env.TZ = 'UTC';
const cloud = await startLocalCloud(
  readSettings(process.env),
  {
    onSynthesis: () => undefined,
    onError: (line) => process.stderr.write(`${line}\n`),
    onBroken: (error) => process.stderr.write(`${error.message}\n`),
  },
  createPool,
);
process.on('SIGTERM', () => void cloud.stop().then(() => process.exit(0)));
process.send?.({ apiUrl: cloud.apiUrl, apiKey: cloud.apiKey });
