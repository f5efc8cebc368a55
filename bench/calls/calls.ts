/**
 * `npm run bench -- calls`: what it takes to call a service for rows, beside the same requests without anything around
 * them. The service answers each after a second, so that all calls of a round are under way at the same time.
 */
import { execFile } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import * as z from 'zod';
import { countFrom, type Benchmark } from '../benchmark.ts';
import { measured, median, withRatios, type Comparison } from '../measure/comparison.ts';
import { present } from '../results.ts';

const DEFAULT_ROWS = 1_000;
const ROUNDS = 5;
const ANSWER_MS = 1_000;
/** All of a round begin before the first is answered. */
const PER_SECOND = 2_000;

const TakenSchema = z.object({
  seconds: z.number(),
  cpuSeconds: z.number(),
  rssBytes: z.number(),
  grownBytes: z.number(),
});
type Taken = z.infer<typeof TakenSchema>;

/** A service on the loopback, which tells how many calls were under way at once at the most. */
async function startService(): Promise<{ server: Server; url: string; most: () => number }> {
  let [underWay, most] = [0, 0];
  const server = createServer((request, response) => {
    most = Math.max(most, ++underWay);
    request.resume().on('end', () =>
      setTimeout(() => {
        underWay--;
        response.setHeader('content-type', 'application/json');
        response.end(
          JSON.stringify({ text: 'What a service says of a row, in a sentence or two.' }),
        );
      }, ANSWER_MS),
    );
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', 4_096, resolve));
  const { port } = server.address() as AddressInfo;
  return { server, url: `http://127.0.0.1:${port}/`, most: () => most };
}

const tsx = createRequire(import.meta.url).resolve('tsx');

async function call(kind: 'sheaf' | 'bare', url: string, rows: number): Promise<Taken> {
  const script = new URL('caller.ts', import.meta.url).pathname;
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...['--import', tsx, script],
    ...[kind, url, String(rows), String(PER_SECOND)],
  ]);
  return TakenSchema.parse(JSON.parse(stdout));
}

async function compareCalls(rows: number): Promise<Comparison> {
  const { server, url, most } = await startService();
  const ours: Taken[] = [];
  const bare: Taken[] = [];
  try {
    for (let round = 0; round < ROUNDS; round++) {
      bare.push(await call('bare', url, rows));
      ours.push(await call('sheaf', url, rows));
    }
  } finally {
    server.close();
    server.closeAllConnections();
  }
  const cpuOf = (taken: readonly Taken[]) => taken.map(({ cpuSeconds }) => cpuSeconds / rows);
  const MB = 1e6;
  return withRatios({
    title: `${rows} rows, CPU of a call that is answered after ${ANSWER_MS / 1_000} s`,
    unit: 'call',
    floor: 'bare requests',
    contenders: [
      measured({ name: 'the stage that calls', role: 'ours' }, cpuOf(ours), 0),
      measured({ name: 'bare requests', role: 'floor' }, cpuOf(bare), 0),
    ],
    figures: [
      { name: 'calls under way at once', value: most(), unit: '' },
      { name: 'wall time', value: median(ours.map(({ seconds }) => seconds)), unit: 's' },
      { name: 'wall time, bare', value: median(bare.map(({ seconds }) => seconds)), unit: 's' },
      {
        name: 'memory of the process',
        value: median(ours.map(({ rssBytes }) => rssBytes)) / MB,
        unit: 'MB',
      },
      {
        name: 'of it, by calling',
        value: median(ours.map(({ grownBytes }) => grownBytes)) / MB,
        unit: 'MB',
      },
    ],
  });
}

export const calls: Benchmark = {
  name: 'calls',
  arguments: '[rows]',
  about: 'what calling a service for rows takes, a thousand calls under way in one worker',
  async run([given]) {
    const rows = given === undefined ? DEFAULT_ROWS : countFrom(given);
    await present('calls', [await compareCalls(rows)]);
  },
};
