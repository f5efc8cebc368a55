/** The local cloud as a process: what `npm start` prints, keeps, refuses and survives. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import {
  ApiGatewayManagementApiClient,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import {
  DescribeExecutionCommand,
  ListExecutionsCommand,
  ListStateMachinesCommand,
  SFNClient,
} from '@aws-sdk/client-sfn';
import { DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { z } from 'zod';
import { createClient } from '../../cli/target/client.ts';
import { USAGE_FILE, UsageSchema } from '../../local/billing/usage.ts';
import { docx } from '../support/docx.ts';
import { startTestCloud, type TestCloud } from '../support/localCloud.ts';
import { readZip } from '../support/readZip.ts';

const clouds: TestCloud[] = [];
const folders: string[] = [];
afterEach(async () => {
  for (const cloud of clouds.splice(0)) await cloud.remove();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function givenFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sheaf-given-'));
  folders.push(folder);
  return folder;
}

async function start(environment: Record<string, string> = {}): Promise<TestCloud> {
  const cloud = await startTestCloud(environment);
  clouds.push(cloud);
  return cloud;
}

/** Runs `npm start`'s program to its end. */
function run(args: string[], environment: Record<string, string> = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['local/start.cjs', ...args], {
    env: { ...process.env, HTTP_PORT: '0', WS_PORT: '0', SERVICES_PORT: '0', ...environment },
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

const withKey = (cloud: TestCloud, apiKey = cloud.apiKey) => ({
  headers: { authorization: `Bearer ${apiKey}` },
});

/** The answer to a WebSocket handshake whose Host header has another name. */
function statusFor(url: string, host: string): Promise<number | undefined> {
  const headers = {
    host,
    connection: 'upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
  };
  return new Promise((resolve, reject) => {
    request(url, { headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });
}

/** The settings of the AWS command line, from the file that the local cloud writes. */
function developerConfig(cloud: TestCloud) {
  const lines = readFileSync(join(cloud.dataDir, 'aws.env'), 'utf8').trim().split('\n');
  const values = Object.fromEntries(
    lines.map((line) => line.split(/=(.*)/s).slice(0, 2)),
  ) as Record<string, string>;
  return {
    endpoint: values.AWS_ENDPOINT_URL ?? '',
    region: values.AWS_REGION ?? '',
    credentials: {
      accessKeyId: values.AWS_ACCESS_KEY_ID ?? '',
      secretAccessKey: values.AWS_SECRET_ACCESS_KEY ?? '',
    },
  };
}

describe('npm start', () => {
  it('explains itself', () => {
    const { status, stdout } = run(['--help']);
    expect(status).toBe(0);
    expect(stdout).toContain('SHEAF_DATA_DIR');
  });

  it.each([
    ['an unknown option', ['--port'], {}, 2, '--port'],
    ['a setting that cannot be', [], { HTTP_PORT: 'abc' }, 2, 'HTTP_PORT'],
  ])('refuses %s', (_, args, environment, code, text) => {
    const { status, stdout, stderr } = run(args, environment);
    expect([status, stdout]).toEqual([code, '']);
    expect(stderr).toContain(text);
  });

  it.each([
    ['a file', () => join(givenFolder(), 'file'), /file cannot be used: a file is where .*ENOTDIR/],
    [
      'a folder that nobody can make',
      () => '/proc/sheaf',
      /\/proc\/sheaf cannot be used: no folder/,
    ],
  ])('says in one line why the data folder cannot be %s', (_, place, text) => {
    const path = place();
    if (path.endsWith('file')) writeFileSync(path, '');
    const { status, stdout, stderr } = run([], { SHEAF_DATA_DIR: path });
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(text);
    expect(stderr).toMatch(/^.+\n$/);
  });

  it('says in one line that the secret of its access keys cannot be read', () => {
    const folder = givenFolder();
    mkdirSync(join(folder, 'credentials', 'credentials.key'), { recursive: true });
    const { status, stderr } = run([], { SHEAF_DATA_DIR: folder });
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /^The secret of the access keys, .*credentials\.key, cannot be used: .+\n$/m,
    );
  });

  it('says in one line that it cannot be built, and leaves nothing behind', () => {
    const project = givenFolder();
    mkdirSync(join(project, 'local/lambda'), { recursive: true });
    const files = ['preflight.cjs', 'package.json', 'program.cjs', 'local/start.cjs'];
    for (const file of [...files, 'local/lambda/loadBundle.ts']) {
      copyFileSync(file, join(project, file));
    }
    const says = (word: string) =>
      writeFileSync(join(project, 'local/main.ts'), `console.log("${word}");`);
    says('started');
    symlinkSync(resolve('node_modules'), join(project, 'node_modules'));
    const start = () =>
      spawnSync(process.execPath, [join(project, 'local/start.cjs')], { encoding: 'utf8' });
    // Of a start that was killed at work.
    const programs = join(project, 'build/programs');
    mkdirSync(programs, { recursive: true });
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    writeFileSync(join(programs, `local-cloud.cjs.${pid}.part`), '');
    expect(start()).toMatchObject({ status: 0, stdout: 'started\n', stderr: '' });
    expect(readdirSync(programs).filter((file) => file.endsWith('.part'))).toEqual([]);
    // Bundled again when a source has changed, and not otherwise.
    const made = () => statSync(join(programs, 'local-cloud.cjs')).ino;
    const before = made();
    expect(start()).toMatchObject({ status: 0, stdout: 'started\n', stderr: '' });
    expect(made()).toBe(before);
    says('changed');
    expect(start()).toMatchObject({ status: 0, stdout: 'changed\n', stderr: '' });
    // Stands for a folder that this user may not write, which for the superuser there is not.
    rmSync(join(project, 'build'), { recursive: true });
    writeFileSync(join(project, 'build'), '');
    const { status, stdout, stderr } = start();
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^Sheaf is built in .*programs, which cannot be written .*\n$/);
  });

  it('says which port is taken, and by which setting to choose another', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const folder = mkdtempSync(join(tmpdir(), 'sheaf-taken-'));
    folders.push(folder);
    const { status, stderr } = run([], { SHEAF_DATA_DIR: folder, WS_PORT: String(port) });
    taken.close();
    expect(status).toBe(1);
    expect(stderr).toMatch(new RegExp(`Port ${port} is taken.*WS_PORT=`));
    expect(existsSync(join(folder, 'lock'))).toBe(false);
  });

  it('prints addresses and key, plainly where it is no terminal, and writes them to local.json', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sheaf-print-'));
    folders.push(folder);
    const child = spawn(process.execPath, ['local/start.cjs'], {
      env: {
        ...process.env,
        HTTP_PORT: '0',
        WS_PORT: '0',
        SERVICES_PORT: '0',
        SHEAF_DATA_DIR: folder,
        SHEAF_STOP_WITH_PARENT: '1',
      },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    let printed = '';
    child.stdout.on('data', (text: Buffer) => (printed += text.toString()));
    await expect.poll(() => printed, { timeout: 50_000 }).toContain('Stop');
    const ready: unknown = JSON.parse(readFileSync(join(folder, 'local.json'), 'utf8'));
    for (const value of Object.values(ready as object)) {
      if (typeof value === 'string') expect(printed).toContain(value);
    }
    expect(printed).not.toContain('\u001b');
    // Ends when the program that started it is gone.
    child.stdin.end();
    const [code] = (await once(child, 'close')) as [number];
    expect(code).toBe(0);
    expect(existsSync(join(folder, 'local.json'))).toBe(false);
  });
});

describe('what npm start has started', () => {
  const Ready = z.object({ pid: z.int() });
  const begin = async () => {
    const folder = givenFolder();
    const env = { ...process.env, HTTP_PORT: '0', WS_PORT: '0', SERVICES_PORT: '0' };
    const child = spawn(process.execPath, ['local/start.cjs'], {
      env: { ...env, SHEAF_DATA_DIR: folder, SHEAF_QUIET: '1' },
      stdio: 'inherit',
    });
    const file = join(folder, 'local.json');
    await expect.poll(() => existsSync(file), { timeout: 50_000 }).toBe(true);
    const { pid } = Ready.parse(JSON.parse(readFileSync(file, 'utf8')));
    const isGone = () => !existsSync(`/proc/${pid}`) || !existsSync(file);
    return { child, pid, isGone };
  };

  it.skipIf(process.platform !== 'linux')('has few pools of memory', async () => {
    const { child, pid } = await begin();
    expect(readFileSync(`/proc/${pid}/environ`, 'utf8')).toContain('MALLOC_ARENA_MAX=2\0');
    child.kill('SIGTERM');
    expect(await once(child, 'close')).toEqual([0, null]);
  });

  it('ends when npm start is killed', async () => {
    const { child, isGone } = await begin();
    child.kill('SIGKILL');
    if (process.platform === 'linux') await expect.poll(isGone, { timeout: 20_000 }).toBe(true);
  });
});

describe('a local cloud', () => {
  it('answers as the deployed application does, on loopback names alone', async () => {
    const cloud = await start({ SHEAF_API_KEY: 'a-key-of-my-own' });
    expect(cloud.apiKey).toBe('a-key-of-my-own');
    const get = (path: string, init?: RequestInit) => fetch(cloud.apiUrl + path, init);
    expect((await get('/health')).status).toBe(200);
    expect((await get('/batch/tasks', withKey(cloud))).status).toBe(200);
    expect((await get('/nowhere', withKey(cloud))).status).toBe(404);
    const gateway = await get('/batch/tasks');
    expect([gateway.status, await gateway.json()]).toEqual([401, { message: 'Unauthorized' }]);
    expect((await get('/batch/tasks', withKey(cloud, 'not-a-key'))).status).toBe(403);
    for (const url of [
      cloud.apiUrl,
      cloud.servicesUrl,
      cloud.websocketUrl.replace('ws:', 'http:'),
    ]) {
      expect(await statusFor(url, 'evil.example')).toBe(403);
    }
    const numeric = cloud.apiUrl.replace('localhost', '127.0.0.1');
    expect((await fetch(`${numeric}/health`)).status).toBe(200);
  });

  it('does not share its folder, and a killed one does not block it', async () => {
    const cloud = await start();
    const second = run([], { SHEAF_DATA_DIR: cloud.dataDir });
    expect(second.status).toBe(1);
    expect(second.stderr).toContain(`process ${cloud.pid}`);
    const again = await cloud.restart('SIGKILL');
    clouds.push(again);
    expect(again.apiKey).toBe(cloud.apiKey);
    expect((await fetch(`${again.apiUrl}/batch/tasks`, withKey(again))).status).toBe(200);
  });

  it('lets the AWS tools look inside, with a key that may, and no other', async () => {
    const cloud = await start();
    const config = developerConfig(cloud);
    const sfn = new SFNClient(config);
    const { stateMachines } = await sfn.send(new ListStateMachinesCommand({}));
    // Of tasks, uploads, trials, schedules and webhooks.
    expect(stateMachines?.length).toBe(5);
    const secretAccessKey = 'wrong';
    const stranger = new SFNClient({
      ...config,
      credentials: { ...config.credentials, secretAccessKey },
    });
    await expect(stranger.send(new ListStateMachinesCommand({}))).rejects.toThrow();
    sfn.destroy();
    stranger.destroy();
  });

  it('ends cleanly while clients are connected', async () => {
    const cloud = await start();
    const client = new WebSocket((await createClient(cloud).createTicket()).websocketUrl);
    await once(client, 'open');
    const closed = once(client, 'close');
    const ended = once(cloud.process, 'close');
    cloud.process.kill('SIGTERM');
    const [closeCode] = (await closed) as [number];
    const [exitCode] = (await ended) as [number];
    expect([closeCode, exitCode]).toEqual([1001, 0]);
  });
});

describe('kill -9 and a restart', () => {
  it('go on with the task that was under way, and lose no row', async () => {
    const cloud = await start();
    const client = createClient(cloud);
    const template = await client.uploadTemplate('letter.docx', docx('Dear {name},'));
    const rows = Array.from({ length: 1500 }, (_, i) => ({ name: `Person ${i}` }));
    const task = await client.createTask({
      body: {
        templateIds: [template.templateId],
        data: rows,
        autoStart: true,
      },
    });
    await expect
      .poll(async () => (await client.getProgress({ taskId: task.taskId })).current, {
        timeout: 50_000,
      })
      .toBeGreaterThan(0);

    const again = await cloud.restart('SIGKILL');
    clouds.push(again);
    const resumed = createClient(again);
    await expect
      .poll(async () => (await resumed.getProgress({ taskId: task.taskId })).status, {
        timeout: 55_000,
        interval: 200,
      })
      .toBe('completed');
    expect(await resumed.getProgress({ taskId: task.taskId })).toMatchObject({
      succeeded: 1500,
      failed: 0,
    });

    const archive = await fetch((await resumed.downloadArchive({ taskId: task.taskId })).url);
    const path = join(again.dataDir, 'read-back.zip');
    await writeFile(path, Buffer.from(await archive.arrayBuffer()));
    const names = [...(await readZip(path)).keys()];
    expect(names).toHaveLength(1501);
    expect(new Set(names).size).toBe(1501);

    const sfn = new SFNClient(developerConfig(again));
    const machines = await sfn.send(new ListStateMachinesCommand({}));
    const statusesOf = async (stateMachineArn: string | undefined) => {
      const { executions = [] } = await sfn.send(new ListExecutionsCommand({ stateMachineArn }));
      return Promise.all(
        executions.map(async ({ executionArn }) => {
          const { status } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
          return status;
        }),
      );
    };
    const statuses = async () => {
      const all = (machines.stateMachines ?? []).map((each) => statusesOf(each.stateMachineArn));
      return (await Promise.all(all)).flat();
    };
    // A task has ended before its execution has: everyone is told of the end in between, and if the one
    // who was telling was killed, that waits until his turn is seen to be abandoned.
    await expect.poll(statuses, { timeout: 20_000 }).toEqual(['SUCCEEDED']);
    sfn.destroy();

    // Whatever a task leaves behind is for this user alone.
    await rm(path);
    const open = readdirSync(again.dataDir, { recursive: true, encoding: 'utf8' }).filter(
      (name) => (statSync(join(again.dataDir, name)).mode & 0o077) !== 0,
    );
    expect(open).toEqual([]);
  }, 120_000);

  it('keep the steps of small tasks loaded, also when several are under way', async () => {
    const cloud = await start();
    const client = createClient(cloud);
    const { templateId } = await client.uploadTemplate('letter.docx', docx('Dear {name},'));
    const runTask = async (rows: number) => {
      const data = Array.from({ length: rows }, (_, i) => ({ name: `Person ${i}` }));
      const body = { templateIds: [templateId], data, autoStart: true };
      const { taskId } = await client.createTask({ body });
      const status = async () => (await client.getTask({ taskId })).status;
      await expect.poll(status, { timeout: 50_000, interval: 200 }).toBe('completed');
    };
    await runTask(1_000);
    for (let round = 0; round < 4; round++) {
      await Promise.all(Array.from({ length: 4 }, () => runTask(1)));
    }
    await cloud.stop();
    const usage = UsageSchema.parse(
      JSON.parse(readFileSync(join(cloud.dataDir, USAGE_FILE), 'utf8')),
    );
    const steps = Object.entries(usage.lambda).filter(([id]) => id.startsWith('Tasks'));
    expect(steps.length).toBeGreaterThan(0);
    for (const [id, { invocations, coldStarts }] of steps) {
      expect(invocations, id).toBeGreaterThanOrEqual(17);
      expect(coldStarts, id).toBeLessThanOrEqual(invocations / 3);
    }
  }, 120_000);

  it('answer 410 for the connections of before', async () => {
    const cloud = await start();
    const client = new WebSocket((await createClient(cloud).createTicket()).websocketUrl);
    client.on('error', () => undefined);
    await once(client, 'open');
    client.send('{"action":"subscribe"}');
    await once(client, 'message');
    const again = await cloud.restart('SIGKILL');
    clouds.push(again);

    // What the subscription left in the table names the connection.
    const config = developerConfig(again);
    const dynamo = new DynamoDBClient(config);
    const { Items = [] } = await dynamo.send(
      new QueryCommand({
        TableName: 'Sheaf-TableCD117FA1',
        KeyConditionExpression: 'pk = :owner',
        ExpressionAttributeValues: { ':owner': { S: 'OWNER#local' } },
      }),
    );
    const ConnectionId = Items[0]?.connectionId?.S;
    expect(ConnectionId).toMatch(/=$/);
    const management = new ApiGatewayManagementApiClient({ ...config, maxAttempts: 1 });
    await expect(
      management.send(new PostToConnectionCommand({ ConnectionId, Data: Buffer.from('x') })),
    ).rejects.toMatchObject({ name: 'GoneException' });
    management.destroy();
    dynamo.destroy();
  });
});
