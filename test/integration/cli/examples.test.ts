/** Every example of every help, run by a shell as it stands, but for ids and for what only a person or a stranger has. */
import { spawn } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TaskStatus } from '../../../shared/schemas/common.ts';
import { z } from 'zod';
import { createProgram } from '../../../cli/program.ts';
import { allOf, treeOf } from '../../../cli/tree.ts';
import { ALLOW_LOOPBACK_TARGETS } from '../../../shared/names.ts';
import { isFinal } from '../../../shared/tasks/lifeCycle.ts';
import { startCliWorld, type CliWorld } from '../../support/cliWorld.ts';
import { docx } from '../../support/docx.ts';
import { startReceiver, type WebhookReceiver } from '../../support/webhookReceiver.ts';
import { writeWorkbook } from '../../support/writeWorkbook.ts';

const PROGRAM = join(import.meta.dirname, '..', '..', '..', 'cli', 'start.cjs');
const ROWS = 1_000;
const MANY = 20_000;
const KeySchema = z.object({ id: z.string() });
const SECRET = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;

const screen = { write: () => true };
const lines = allOf(treeOf(createProgram({ out: screen, err: screen }, () => Promise.resolve())))
  .filter(({ commands }) => commands.length === 0)
  .flatMap(({ path, examples }) => examples.map(({ line }) => [line, path.join(' ')] as const));

/** Lines that need somebody else. They are parsed as all others are (test/unit/cli/commands.test.ts). */
const ELSEWHERE: readonly (readonly [pattern: RegExp, needs: string])[] = [
  [/^sheaf keys .*--table/, 'a table in AWS'],
  [/^sheaf profile add/, 'a stack at that address'],
  [/^sheaf connection add/, 'hosts of others, and a secret that is typed'],
  [/^sheaf init$/, 'a person who answers'],
  [/^sheaf (open|open --profile work)$/, 'a browser'],
  [/^sheaf start/, 'a folder without a local cloud: machine.test.ts'],
  [/--url https:\/\/my-tunnel/, 'a tunnel'],
];
const elsewhere = (line: string) => ELSEWHERE.find(([pattern]) => pattern.test(line));

/** Lines that go on until they are stopped, and what they show before. */
const ENDLESS: readonly (readonly [RegExp, RegExp])[] = [[/^sheaf webhook listen/, /http/]];

const answer = (response: ServerResponse) =>
  response.writeHead(200, { 'content-type': 'application/json' }).end('{}');

/** A check that finds something, a machine that lacks something, and a task of which a row failed end as they should. */
const CODES: readonly (readonly [RegExp, readonly number[]])[] = [
  [/^(check|template check)$/, [0, 4]],
  [/^doctor$/, [0, 1]],
  [/^task watch$/, [0, 3]],
];

let world: CliWorld;
let receiver: WebhookReceiver;
let inputs: string;
let shim: string;
let done: string;
let controlled: string;
const ids = new Map<string, string>();

const settled = (taskId: string, ...also: TaskStatus[]) =>
  expect
    .poll(
      async () => {
        const { status } = await world.client.getProgress({ taskId });
        return isFinal(status) || also.includes(status);
      },
      { timeout: 120_000, interval: 100 },
    )
    .toBe(true);

beforeAll(async () => {
  world = await startCliWorld({ [ALLOW_LOOPBACK_TARGETS]: '1', SHEAF_SERVICE_HOSTS: '127.0.0.1' });
  receiver = await startReceiver({
    '/v1/info': answer,
    '/v1/echo': answer,
    '/hook': answer,
  });
  inputs = await mkdtemp(join(tmpdir(), 'sheaf-examples-'));
  shim = await mkdtemp(join(tmpdir(), 'sheaf-bin-'));
  await writeFile(join(shim, 'sheaf'), `#!/bin/sh\nexec '${process.execPath}' '${PROGRAM}' "$@"\n`);
  await chmod(join(shim, 'sheaf'), 0o755);
  const header = ['name', 'dept', 'salary', 'bonus'];
  const row = (i: number) => [`n${i}`, `d${i % 3}`, i === 17 ? '' : `EUR ${i}`, 'yes'];
  const table = (count: number) => [header, ...Array.from({ length: count }, (_, i) => row(i + 1))];
  const csv = (count: number) =>
    `${table(count)
      .map((cells) => cells.join(','))
      .join('\n')}\n`;
  const put = (name: string, content: string | Uint8Array) =>
    writeFile(join(inputs, name), content);
  const letter = docx('Dear {name} of {dept}: {salary}, {bonus}');
  await put('letter.docx', letter);
  await put('new.docx', docx('Hello {name}'));
  await put('people.csv', csv(20));
  await put('people.xlsx', await writeWorkbook([{ name: 'Staff', rows: table(20) }]));
  await put('corrected.csv', 'row,salary\n17,EUR 1\n');
  await put('key.txt', `${world.cloud.apiKey}\n`);
  await put('secret.txt', `${SECRET}\n`);
  await mkdir(join(inputs, 'months'));
  await put('months/jan.csv', csv(2));
  await put('months/feb.csv', csv(3));

  const { client } = world;
  const { templateId } = await client.uploadTemplate('letter.docx', letter);
  const bytes = (count: number) => new TextEncoder().encode(csv(count));
  const source = await client.uploadDataSource('people.csv', bytes(ROWS));
  const many = await client.uploadDataSource('many.csv', bytes(MANY));
  const create = (dataSourceId: string) =>
    client.createTask({
      body: {
        templateIds: [templateId],
        dataSourceId,
        options: { missingValue: 'error', concurrency: 1 },
      },
    });
  done = (await create(source.dataSourceId)).taskId;
  await client.startTask({ taskId: done });
  controlled = (await create(many.dataSourceId)).taskId;
  ids.set('tpl', templateId).set('ds', source.dataSourceId);
  const { connectionId } = await client.createConnection({
    body: { name: 'Here', baseUrl: receiver.url('/v1') },
  });
  ids.set('conn', connectionId);
  const profile = ['--endpoint', world.cloud.apiUrl, '--key-file', join(inputs, 'key.txt')];
  const added = await world.sheaf(['profile', 'add', 'work', ...profile]);
  expect(added).toMatchObject({ code: 0 });
}, 180_000);
afterAll(async () => {
  await world?.remove();
  await receiver?.close();
  for (const folder of [inputs, shim]) await rm(folder, { recursive: true, force: true });
});

/** A line as it is run: with ids of what there is, and yes to what it would ask. */
async function filled(line: string, command: string): Promise<string> {
  const isControl = /^task (start|pause|resume|cancel|delete)$/.test(command);
  if (command === 'task resume') await settled(controlled, 'paused');
  if (command === 'task delete') await settled(controlled);
  if (/task_…/.test(line) && !isControl) await settled(done);
  if (/whe_…/.test(line)) {
    const { endpointId } = await world.client.createWebhookEndpoint({
      body: { url: receiver.url('/hook') },
    });
    ids.set('whe', endpointId);
  }
  if (command === 'keys limit' || command === 'keys revoke') {
    const made = await world.json('keys', 'create', 'acme');
    ids.set('key', KeySchema.parse(made[0]).id);
  }
  if (/^(template|source) delete$/.test(command)) {
    const own = await world.client.uploadTemplate('own.docx', docx('{name}'));
    ids.set('own-tpl', own.templateId);
    const rows = await world.client.uploadDataSource('own.csv', new TextEncoder().encode('a\n1\n'));
    ids.set('own-ds', rows.dataSourceId);
  }
  const isDelete = command.endsWith(' delete');
  const whole = line
    .replace('task_…', isControl ? controlled : done)
    .replace(/(tpl|ds)_…/, (_, kind: string) => ids.get(isDelete ? `own-${kind}` : kind) ?? '')
    .replace(/(conn|whe)_…/, (_, kind: string) => ids.get(kind) ?? '')
    .replace('0123456789ab', ids.get('key') ?? '')
    .replace('https://example.org/hooks/sheaf', receiver.url('/hook'));
  const asks = /^(template delete|source delete|connection remove|keys revoke)$/.test(command);
  return asks && !whole.includes('--yes') ? `${whole} --yes` : whole;
}

function shell(line: string, cwd: string, until: RegExp | undefined) {
  const child = spawn('sh', ['-c', `exec ${line}`], {
    cwd,
    env: {
      ...process.env,
      PATH: `${shim}:${process.env['PATH'] ?? ''}`,
      SHEAF_DATA_DIR: world.cloud.dataDir,
      XDG_CONFIG_HOME: join(world.folder, '.config'),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  const hear = (text: Buffer) => {
    said += text.toString('utf8');
    if (until?.test(said) === true) child.kill('SIGINT');
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  return new Promise<{ code: number | null; said: string }>((resolve) =>
    child.once('close', (code) => resolve({ code, said })),
  );
}

describe('an example', () => {
  it.each(lines.filter(([line]) => !elsewhere(line)))(
    '%s',
    async (line, command) => {
      const cwd = await mkdtemp(join(tmpdir(), 'sheaf-example-'));
      try {
        await cp(inputs, cwd, { recursive: true });
        const until = ENDLESS.find(([pattern]) => pattern.test(line))?.[1];
        const { code, said } = await shell(await filled(line, command), cwd, until);
        expect(said).not.toMatch(/\n\s+at /);
        const codes = until ? [0, 130] : (CODES.find(([of]) => of.test(command))?.[1] ?? [0]);
        expect(codes, said).toContain(code);
      } finally {
        await rm(cwd, { recursive: true, force: true });
      }
    },
    150_000,
  );

  it('is left to others only where it needs them', () => {
    for (const [pattern] of ELSEWHERE)
      expect(lines.some(([line]) => pattern.test(line))).toBe(true);
    expect(lines.filter(([line]) => elsewhere(line)).length).toBeLessThan(16);
  });
});
