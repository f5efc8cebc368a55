/**
 * A process that calls a service for rows, and tells what it took: as the stage that calls does it, or by bare requests.
 * `tsx bench/calls/caller.ts sheaf|bare <url> <rows> <perSecond>`.
 */
import { Agent, request } from 'node:http';
import { createGuardedWeb } from '../../functions/adapters/guardedWeb.ts';
import { CreateTaskSchema } from '../../shared/schemas/taskApi.ts';
import { newCreation } from '../../shared/creation.ts';
import { callShard } from '../../shared/shards/callShard.ts';
import { planShards } from '../../shared/shards/planShards.ts';
import { createTask } from '../../shared/tasks/createTask.ts';
import { startTask } from '../../shared/tasks/controlTask.ts';
import { createMemoryPorts } from '../../test/support/memoryPorts.ts';
import { shardsOfPlan } from '../../test/support/runTask.ts';
import { OWNER } from '../../test/support/tasks.ts';

const [kind = 'sheaf', url = '', rows = '1000', perSecond = '1000'] = process.argv.slice(2);
const count = Number(rows);
const ALL_AT_ONCE = 1_000;

const clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)),
};

/** The stage, without what plans it. */
async function prepareSheaf(): Promise<() => Promise<unknown>> {
  const egress = { allowLoopback: true };
  const ports = createMemoryPorts({
    clock,
    serviceEgress: egress,
    web: createGuardedWeb(egress, { keep: { perHost: ALL_AT_ONCE, idleMs: 4_000 } }),
  });
  const step = {
    name: 'answer',
    request: { url, body: { n: '{n}', text: '{text}' } },
    response: { values: { text: '/text' } },
    rateLimit: { perSecond: Number(perSecond), concurrent: ALL_AT_ONCE },
  };
  const data = Array.from({ length: count }, (_, n) => ({ n, text: `Row ${n} of the table` }));
  const body = CreateTaskSchema.parse({ data, steps: [step] });
  const { taskId } = await createTask(ports, OWNER, body, newCreation('task', ports));
  await startTask(ports, OWNER, taskId);
  const plan = await planShards(ports, { taskId, run: 1, round: 1 });
  const shards = await shardsOfPlan(ports, plan);
  return async () => {
    for (const shard of shards) await callShard(ports, shard, { remainingMs: () => 900_000 });
  };
}

/** The same requests, as fast as they may be sent, and their answers parsed. */
function prepareBare(): () => Promise<unknown> {
  const agent = new Agent({ keepAlive: true, maxSockets: ALL_AT_ONCE, scheduling: 'lifo' });
  const ask = (n: number) =>
    new Promise<void>((resolve, reject) => {
      const body = JSON.stringify({ n, text: `Row ${n} of the table` });
      const headers = { 'content-type': 'application/json' };
      const sent = request(url, { method: 'POST', headers, agent }, (answer) => {
        const pieces: Buffer[] = [];
        answer.on('data', (piece: Buffer) => pieces.push(piece));
        answer.on('end', () => {
          JSON.parse(Buffer.concat(pieces).toString());
          resolve();
        });
      });
      sent.on('error', reject);
      sent.end(body);
    });
  return async () => {
    const start = performance.now();
    const asked: Promise<void>[] = [];
    for (let n = 0; n < count; n++) {
      const dueMs = (n * 1_000) / Number(perSecond) - (performance.now() - start);
      if (dueMs > 1) await clock.sleep(dueMs);
      asked.push(ask(n));
    }
    await Promise.all(asked);
    agent.destroy();
  };
}

const run = kind === 'bare' ? prepareBare() : await prepareSheaf();
const before = { cpu: process.cpuUsage(), rss: process.memoryUsage.rss(), at: performance.now() };
let most = 0;
const looking = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 20);
await run();
clearInterval(looking);
const { user, system } = process.cpuUsage(before.cpu);
process.stdout.write(
  JSON.stringify({
    seconds: (performance.now() - before.at) / 1_000,
    cpuSeconds: (user + system) / 1e6,
    rssBytes: most,
    grownBytes: most - before.rss,
  }),
);
process.exit(0);
