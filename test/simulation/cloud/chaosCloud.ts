/**
 * The local cloud as `npm start` runs it, but that its parent can have things go wrong in it: calls of the
 * functions to the services, and function instances that die. A program of its own (cloudProcess.ts).
 */
import { readdirSync, readFileSync } from 'node:fs';
import {
  createFunctionPool,
  type FunctionPoolOptions,
} from '../../../local/lambda/functionPool.ts';
import { startLocalCloud } from '../../../local/localCloud.ts';
import { readSettings } from '../../../local/settings.ts';
import { createMortalWorkers } from './mortalWorkers.ts';
import { OrderSchema, type Measures, type Word } from './protocol.ts';
import { createServicesBetween } from './servicesBetween.ts';

const say = (word: Word) => void process.send?.(word);
const complain = (line: string) => process.stderr.write(`${line}\n`);

const between = await createServicesBetween((manner) => say({ kind: 'disturbed', manner }));
const workers = createMortalWorkers((name) => say({ kind: 'killedWorker', function: name }));

const createPool = (options: FunctionPoolOptions) =>
  createFunctionPool({
    ...options,
    startInstance: workers.start,
    environmentOf(definition) {
      const environment = options.environmentOf(definition);
      between.aim(environment['AWS_ENDPOINT_URL'] ?? '');
      const onTheWay = ([name, value]: [string, string]): [string, string] =>
        value === environment['AWS_ENDPOINT_URL'] ? [name, between.url] : [name, value];
      return Object.fromEntries(Object.entries(environment).map(onTheWay));
    },
  });

/** Memory that no file is behind, in bytes, as Linux tells it (proc(5), /proc/pid/status). */
function anonymousBytes(): number | undefined {
  const [, kilobytes] =
    /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
}

function measure(): Measures {
  globalThis.gc?.();
  const { rss, heapUsed, heapTotal, external } = process.memoryUsage();
  return {
    rssBytes: rss,
    anonymousBytes: anonymousBytes() ?? rss,
    heapBytes: heapUsed,
    heapReservedBytes: heapTotal,
    externalBytes: external,
    descriptors: readdirSync('/proc/self/fd').length,
  };
}

process.env.TZ = 'UTC';
let onBroken: (error: Error) => void = () => undefined;
const broken = new Promise<Error>((resolve) => (onBroken = resolve));
const cloud = await startLocalCloud(
  readSettings(process.env),
  { onSynthesis: () => undefined, onError: complain, onBroken: (error) => onBroken(error) },
  createPool,
).catch((error: unknown) => {
  const message = error instanceof Error ? error.message : String(error);
  complain(message);
  process.send?.({ kind: 'broken', message } satisfies Word, () => process.exit(1));
});

if (cloud) {
  process.on('message', (message) => {
    const order = OrderSchema.parse(message);
    switch (order.kind) {
      case 'disturb':
        between.disturb(order.disturbance);
        break;
      case 'settle':
        between.settle();
        break;
      case 'killWorker':
        workers.kill(order);
        break;
      case 'measure':
        say({ kind: 'measured', measures: measure() });
    }
  });
  const end = (code: number) => void cloud.stop().then(() => process.exit(code));
  process.on('SIGTERM', () => end(0)).on('disconnect', () => end(0));
  void broken.then(({ message }) => {
    complain(message);
    say({ kind: 'broken', message });
    end(1);
  });
  const { apiUrl, websocketUrl, servicesUrl, apiKey } = cloud;
  say({ kind: 'ready', apiUrl, websocketUrl, servicesUrl, apiKey });
}
