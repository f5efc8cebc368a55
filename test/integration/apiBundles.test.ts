/** The functions as they are deployed: bundled, then loaded by Node from a file. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundledFunctions } from '../../infra/functions/bundle.ts';
import { engineBuildOf } from '../../infra/functions/engineBuild.ts';
import { ENV, FUNCTIONS, type FunctionName } from '../../shared/names.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const bundleOf = (name: FunctionName) => join(ROOT, 'build/functions', name, 'index.cjs');
const KiB = 1024;

/**
 * What a bundle may have at most: the present size and a fifth. Above it, something heavy came in by
 * accident, such as zod by its export named `z` (600 KiB of locales and converters).
 */
const MAX_KIB: Record<FunctionName, number> = {
  apiAuthorizer: 290,
  streamAuthorizer: 290,
  stream: 570,
  eventStream: 570,
  api: 2_880,
  ingestSource: 1_390,
  runTrial: 2_780,
  planShards: 2_230,
  callRows: 1_700,
  awaitCallbacks: 560,
  renderShard: 2_680,
  recordShardFailure: 1_120,
  assembleArchive: 1_160,
  finishTask: 570,
  failTask: 570,
  sweep: 1_120,
  startScheduled: 570,
  sendWebhook: 570,
  publishConsole: 1_000,
};

const VARIABLES: Record<string, string> = {
  [ENV.table]: 'table',
  [ENV.bucket]: 'bucket',
  [ENV.taskWorkflow]: 'arn:aws:states:eu-west-1:123456789012:stateMachine:task',
  [ENV.ingestWorkflow]: 'arn:aws:states:eu-west-1:123456789012:stateMachine:ingest',
  [ENV.scheduleWorkflow]: 'arn:aws:states:eu-west-1:123456789012:stateMachine:schedule',
  [ENV.deliveryWorkflow]: 'arn:aws:states:eu-west-1:123456789012:stateMachine:delivery',
  [ENV.trialWorkflow]: 'arn:aws:states:eu-west-1:123456789012:stateMachine:trial',
  [ENV.webhookSecret]: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:name-a1B2c3',
  [ENV.connectionSecrets]:
    'arn:aws:secretsmanager:eu-west-1:123456789012:secret:Sheaf/connections/',
  [ENV.serviceHosts]: '*',
  [ENV.taskConcurrency]: '5',
  [ENV.apiUrl]: 'https://x.invalid/api/v2',
  [ENV.websocketUrl]: 'wss://x.invalid/v2',
  [ENV.eventsUrl]: 'https://x.invalid/',
  [ENV.eventStreams]: '5',
  [ENV.websocketManagementUrl]: 'https://x.invalid/v2',
  [ENV.consoleBucket]: 'console',
  [ENV.consoleDistribution]: 'E1ABCDEFGHIJKL',
  LAMBDA_TASK_ROOT: '/var/task',
  AWS_REGION: 'eu-west-1',
};

let folder = '';
beforeAll(async () => {
  await bundledFunctions(ROOT);
  folder = mkdtempSync(join(tmpdir(), 'sheaf-bundles-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Loads a bundle in a process of its own: a file, because `node -e` has a `require` that Lambda lacks. */
function load(name: FunctionName, variables: Record<string, string>) {
  const script = join(folder, `${name}.mjs`);
  writeFileSync(
    script,
    // Lambda's runtime has it before a function is loaded.
    'globalThis.awslambda = { streamifyResponse: (handler) => handler };\n' +
      `const { handler } = await import(${JSON.stringify(bundleOf(name))}); console.log(typeof handler);`,
  );
  const { PATH = '' } = process.env;
  return spawnSync(process.execPath, [script], {
    // The AWS SDK warns of Node versions that it will leave behind.
    env: { PATH, NODE_NO_WARNINGS: '1', ...variables },
    encoding: 'utf8',
    timeout: 30_000,
  });
}

describe.each(FUNCTIONS)('the bundle of %s', (name) => {
  it('loads and has a handler', () => {
    const { stdout, stderr } = load(name, VARIABLES);
    expect(stderr).toBe('');
    expect(stdout.trim()).toBe('function');
  });

  it('loads with the tracer, as in Lambda', () => {
    const { stdout } = load(name, { ...VARIABLES, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x' });
    expect(stdout.trim().split('\n').at(-1)).toBe('function');
  });

  it('stops with the name of a variable that it needs', () => {
    const { stdout, stderr } = load(name, { AWS_REGION: 'eu-west-1' });
    expect(stdout).toBe('');
    expect(stderr).toMatch(
      /The environment variable (TABLE_NAME|BUCKET_NAME|CONSOLE_BUCKET_NAME) is missing/,
    );
  });

  it(`has at most ${MAX_KIB[name]} KiB`, () => {
    const kibibytes = Math.round(statSync(bundleOf(name)).size / KiB);
    expect(kibibytes).toBeLessThanOrEqual(MAX_KIB[name]);
  });
});

/** Words that only the module named has, minified or not. */
const TRACES = {
  dynamo: 'DynamoDB_20120810',
  s3: 'CreateMultipartUpload',
  stepFunctions: 'AWSStepFunctions',
  connections: '/@connections/',
  tracer: 'AWS_XRAY_CONTEXT_MISSING',
  rendering: 'paragraphLoop',
};

it('keeps out of the authorizers what they do not use', () => {
  for (const name of ['apiAuthorizer', 'streamAuthorizer'] as const) {
    const code = readFileSync(bundleOf(name), 'utf8');
    const found = Object.entries(TRACES).filter(([, trace]) => code.includes(trace));
    expect(found.map(([module]) => module)).toEqual(['dynamo']);
  }
  const everything = ['api', 'renderShard'] as const;
  const code = everything.map((name) => readFileSync(bundleOf(name), 'utf8')).join('');
  expect(Object.values(TRACES).filter((trace) => !code.includes(trace))).toEqual([]);
});

it('has the function that checks templates and those that fill them know each other as one build', () => {
  const build = engineBuildOf(ROOT);
  for (const name of ['api', 'planShards', 'renderShard'] as const) {
    // Lines end within texts, too.
    const code = readFileSync(bundleOf(name), 'utf8').replaceAll('\\\n', '');
    expect(code.includes(build)).toBe(true);
  }
});
