/** docs/row-steps.md, run as it stands against the services of the example. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import * as z from 'zod';
import { createClient } from '../../../cli/target/client.ts';
import { followTask } from '../../../client/followTask.ts';
import {
  LIKE_REAL_ONES,
  startServices,
  type RunningServices,
} from '../../../examples/rowSteps/services.ts';
import { CreateTaskSchema } from '../../../shared/schemas/taskApi.ts';
import { startTestCloud, type TestCloud } from '../../support/localCloud.ts';
import { readZip } from '../../support/readZip.ts';
import { guideBlocks, guideExamples } from '../../support/rowStepsGuide.ts';

const OrderSchema = z.object({ steps: z.array(z.unknown()) });

let folder: string;
let services: RunningServices;
let cloud: TestCloud;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sheaf-steps-guide-'));
  services = await startServices({ ...LIKE_REAL_ONES, silentShare: 0 });
  cloud = await startTestCloud({ SHEAF_ALLOW_LOOPBACK_TARGETS: '1' });
});
afterAll(async () => {
  await cloud.remove();
  await services.stop();
  await rm(folder, { recursive: true, force: true });
});

const tools = ['bash', 'curl'].filter((tool) => spawnSync(tool, ['--version']).status !== 0);

it.skipIf(tools.length > 0)(
  'has first steps that lead to pictures and a table of results',
  async () => {
    const bash = spawn('bash', ['-s'], {
      cwd: folder,
      env: { ...process.env, API: cloud.apiUrl, KEY: cloud.apiKey, SERVICES: services.url },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let printed = '';
    bash.stdout.on('data', (text: Buffer) => (printed += text.toString()));
    bash.stderr.on('data', (text: Buffer) => (printed += text.toString()));
    // What is pasted into a terminal must not close it; here the first error is the end.
    bash.stdin.end(`set -euo pipefail\n${guideBlocks('bash').join('\n')}`);
    const [status] = (await once(bash, 'close')) as [number];
    expect([status, printed]).toEqual([0, printed]);
    expect(printed).toContain('"paidTwice":0');
    const entries = await readZip(join(folder, 'out/slides.zip'));
    expect([...entries.keys()].filter((name) => name.endsWith('.png'))).toEqual([
      'slides/1-Tides.png',
      'slides/2-Knots.png',
      'slides/3-Maps.png',
    ]);
    const results = await readFile(join(folder, 'out/slides.csv'), 'utf8');
    expect(results).toContain('summary.text');
    expect(results).toContain('Four that hold and one that slips.');
  },
);

it('has examples of every kind that come to their end', async () => {
  const client = createClient(cloud);
  const { key } = LIKE_REAL_ONES;
  const connect = async (baseUrl: string, secretHeaders: Record<string, string>) => {
    const body = { name: baseUrl, baseUrl, secretHeaders };
    return (await client.createConnection({ body })).connectionId;
  };
  const bearer = { Authorization: `Bearer ${key}` };
  const ids: Readonly<Record<string, string>> = {
    dify: await connect(`${services.url}/v1`, bearer),
    chat: await connect(`${services.url}/v1`, bearer),
    pictures: await connect(services.url, { 'X-Api-Key': key }),
  };
  const run = async (example: object) => {
    const text = JSON.stringify(example).replaceAll(
      /\$(\w+)/g,
      (_, name: string) => ids[name] ?? '',
    );
    const { steps } = OrderSchema.parse(JSON.parse(text));
    const order = CreateTaskSchema.parse({
      steps,
      data: [{ title: 'Tides', topic: 'The moon and the sea' }],
      fileName: 'brief-{row}',
      autoStart: true,
    });
    const { taskId } = await client.createTask({ body: order });
    return followTask(client, taskId, undefined, { progress: () => undefined });
  };
  const throughConnections = guideExamples().filter(({ steps = [] }) =>
    steps.some(({ connectionId }) => connectionId !== undefined),
  );
  expect(throughConnections).toHaveLength(4);
  for (const example of throughConnections) {
    expect(await run(example)).toMatchObject({ status: 'completed', succeeded: 1 });
  }
});
