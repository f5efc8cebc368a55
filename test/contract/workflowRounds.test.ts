/**
 * A workflow that chooses, loops back and calls a step outside of a map, round after round; and what a
 * later engine makes of its folder as a kill at any of its invocations leaves it.
 */
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createWorkflowEngine } from '../../local/stepFunctions/engine.ts';
import type { InvokeOutcome } from '../../local/stepFunctions/services.ts';
import { eventually, parse } from './suites/workflowClient.ts';

const ROUNDS = 500;
const PREFIX = 'arn:aws:states:us-east-1:111122223333';
const EXECUTION = `${PREFIX}:execution:Rounds:one`;

const step = (name: string, payload: object, extra: object) => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Parameters: { FunctionName: name, Payload: payload },
  Retry: [{ ErrorEquals: ['Busy'], IntervalSeconds: 4, BackoffRate: 1, MaxAttempts: 2 }],
  Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: 'Note' }],
  ...extra,
});
const DEFINITION = {
  StartAt: 'Plan',
  States: {
    Plan: step('plan', { 'round.$': '$.round' }, { OutputPath: '$.Payload', Next: 'Choose' }),
    Choose: {
      Type: 'Choice',
      Choices: [
        { Variable: '$.shards', IsPresent: false, Next: 'Again' },
        { Variable: '$.shards', NumericEquals: 0, Next: 'Again' },
        { Variable: '$.shards', NumericEquals: 1, Next: 'One' },
      ],
      Default: 'Many',
    },
    One: step('render', { 'shard.$': '$.round' }, { ResultPath: null, Next: 'Again' }),
    Many: {
      Type: 'Map',
      Label: 'Many',
      ItemsPath: '$.items',
      ItemProcessor: {
        ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'EXPRESS' },
        StartAt: 'Each',
        States: {
          Each: {
            Type: 'Task',
            Resource: 'arn:aws:states:::lambda:invoke',
            Parameters: { FunctionName: 'render', Payload: { 'shard.$': '$' } },
            End: true,
          },
        },
      },
      ResultPath: null,
      Next: 'Again',
    },
    Note: step('note', { 'error.$': '$.error.Error' }, { ResultPath: null, Next: 'Again' }),
    Again: {
      Type: 'Choice',
      Choices: [{ Variable: '$.more', BooleanEquals: true, Next: 'Plan' }],
      Default: 'Done',
    },
    Done: { Type: 'Succeed', OutputPath: '$.round' },
  },
};

/** What a round does: nothing, one shard, or a map of two; some shards fail, once or for good. */
function plan(round: number) {
  const next = { round: round + 1, more: round + 1 < ROUNDS };
  if (round % 10 === 0) return next;
  if (round % 10 === 1) return { ...next, shards: 0 };
  if (round % 10 === 2) return { ...next, shards: 2, items: [round + 0.1, round + 0.2] };
  return { ...next, shards: 1 };
}

let folders: string[];
beforeEach(() => {
  folders = [];
});
afterEach(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});
function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sheaf-rounds-'));
  folders.push(folder);
  return folder;
}

function journalOf(dataDir: string): string {
  const files = readdirSync(dataDir, { recursive: true, encoding: 'utf8' });
  return join(dataDir, files.find((name) => name.endsWith('journal.jsonl')) ?? '');
}

/** Runs the workflow in the folder, from its start or from where the folder stands, to its end. */
async function runIn(dataDir: string, onInvoke: (call: string, count: number) => void) {
  const calls: string[] = [];
  const tries = new Map<string, number>();
  const engine = createWorkflowEngine({
    dataDir,
    clock: { now: () => Date.now(), sleep: async () => undefined },
    random: { bytes: (count) => randomBytes(count) },
    async invoke(name, payload): Promise<InvokeOutcome> {
      const call = `${name} ${JSON.stringify(payload)}`;
      calls.push(call);
      onInvoke(call, calls.length);
      const tried = (tries.get(call) ?? 0) + 1;
      tries.set(call, tried);
      const { round, shard } = payload as { round?: number; shard?: number };
      if (round !== undefined) return { ok: true, payload: plan(round) };
      // A whole number is the shard of a round without a map.
      if (shard !== undefined && shard % 10 === 4 && tried === 1) return failure('Busy');
      if (shard !== undefined && shard % 10 === 5) return failure('Broken');
      return { ok: true, payload: null };
    },
    objects: {
      read: () => Promise.reject(new Error('unused')),
      write: () => Promise.reject(new Error('unused')),
    },
    log: { info: () => undefined, warn: () => undefined, error: console.error },
    stateMachines: [
      {
        arn: `${PREFIX}:stateMachine:Rounds`,
        name: 'Rounds',
        type: 'STANDARD',
        definition: DEFINITION,
      },
    ],
  });
  try {
    if (engine.resumeAll() === 0) {
      const stateMachineArn = `${PREFIX}:stateMachine:Rounds`;
      engine.start({ stateMachineArn, name: 'one', input: '{"round":0}' });
    }
    const { status, output } = await eventually(() => {
      const described = engine.describe(EXECUTION);
      return described.status === 'RUNNING' ? undefined : described;
    });
    expect({ status, output }).toEqual({ status: 'SUCCEEDED', output: String(ROUNDS) });
    return calls;
  } finally {
    await engine.close();
  }
}

const failure = (errorType: string): InvokeOutcome => ({ ok: false, errorType, errorMessage: '' });

it('goes round five hundred times at an even cost, and goes on wherever it was killed', async () => {
  const dataDir = newFolder();
  const kills = new Map<number, string>();
  const at = [1, 2, 300, 555, 777];
  let halfway = 0;
  const all = await runIn(dataDir, (call, count) => {
    const journal = journalOf(dataDir);
    if (call === `plan {"round":${ROUNDS / 2}}`) halfway = statSync(journal).size;
    if (!at.includes(count)) return;
    // What a kill now would leave: all that was told before the function is invoked.
    kills.set(count, newFolder());
    cpSync(dataDir, kills.get(count) ?? '', { recursive: true });
    const lines = readFileSync(journal, 'utf8').trim().split('\n');
    expect(parse(lines.at(-1) ?? '')).toMatchObject({
      event: { type: call.includes('.') ? 'MapRunStarted' : 'TaskStarted' },
    });
  });
  // Each round plans; 7 of 10 have one shard, one a map of two, one shard is tried twice, one noted.
  expect(all).toHaveLength(ROUNDS * (1 + 0.7 + 0.2 + 0.1 + 0.1));
  const journal = journalOf(dataDir);
  const { size } = statSync(journal);
  expect(size).toBeLessThan(halfway * 2.05);
  const events = readFileSync(journal, 'utf8').trim().split('\n').length;
  expect(events).toBeLessThan(20 * ROUNDS);
  for (const [count, folder] of kills) {
    const again = await runIn(folder, () => undefined);
    // The invocation that was under way is repeated; of a map's, those that had not ended.
    const repeated = again.length - (all.length - (count - 1));
    expect(repeated).toBeGreaterThanOrEqual(0);
    expect(repeated).toBeLessThanOrEqual(1);
    expect(again.slice(-50)).toEqual(all.slice(-50));
  }
}, 120_000);
