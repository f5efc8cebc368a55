import { createRequire } from 'node:module';
import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { CHILD_SECONDS } from '../../infra/workflow/timing.ts';
import { LEASE_MS, WEBHOOK_TIMEOUT_MS } from '../../shared/limits.ts';
import { KNOWN_ERROR_NAMES, WORKFLOW_ERRORS } from '../../shared/names.ts';
import { TaskOptionsSchema } from '../../shared/schemas/common.ts';
import {
  EndedRoundSchema,
  FailedTaskSchema,
  IngestRunSchema,
  PlanSchema,
  RoundSchema,
  SendingSchema,
  SentSchema,
  TaskRunSchema,
} from '../../shared/schemas/workflow.ts';
import { TASK_STEPS } from '../../shared/tasks/taskSteps.ts';
import { definitionOf, type Retrier, type State, statesOf } from './asl.ts';
import { functionsOf, synthesize } from './support.ts';

const require = createRequire(import.meta.url);
/** It has no types of its own. */
const validate = require('asl-validator') as (definition: unknown) => {
  isValid: boolean;
  errorsText(separator: string): string;
};

const template = synthesize();
const tasks = definitionOf(template, 'Tasks');
const ingests = definitionOf(template, 'Ingest');
const deliveries = definitionOf(template, 'Webhooks');
const taskStates = statesOf(tasks);
const ingestStates = statesOf(ingests);
const deliveryStates = statesOf(deliveries);

function state(name: string): State {
  const found = taskStates[name] ?? ingestStates[name] ?? deliveryStates[name];
  if (!found) throw new Error(`There is no state ${name}.`);
  return found;
}

function retrier(name: string, error: string): Retrier {
  const found = state(name).Retry.find(({ ErrorEquals }) => ErrorEquals.includes(error));
  if (!found) throw new Error(`${name} does not retry ${error}.`);
  return found;
}

const TASK_ID = 'task_01J00000000000000000000000';
const DELIVERY_ID = 'dlv_01J00000000000000000000000';

/** The longest that a retrier waits, over all its attempts. */
function longestWait({ IntervalSeconds, MaxAttempts, BackoffRate, MaxDelaySeconds }: Retrier) {
  let total = 0;
  for (let attempt = 0; attempt < MaxAttempts; attempt++) {
    total += Math.min(IntervalSeconds * BackoffRate ** attempt, MaxDelaySeconds ?? Infinity);
  }
  return total;
}

const timeoutOf = (name: string) => functionsOf(template).get(name)?.timeoutSeconds ?? NaN;

describe.each([
  ['tasks', tasks],
  ['ingests', ingests],
  ['schedules', definitionOf(template, 'Schedules')],
  ['deliveries', deliveries],
])('the workflow of %s', (workflow, definition) => {
  const states = Object.entries(statesOf(definition));

  it('is valid Amazon States Language', () => {
    const verdict = validate(definition);
    expect(verdict.errorsText('\n')).toBe('');
    expect(verdict.isValid).toBe(true);
  });

  it('names only errors that somebody raises', () => {
    const named = states.flatMap(([, { Retry, Catch }]) =>
      [...Retry, ...Catch].flatMap(({ ErrorEquals }) => ErrorEquals),
    );
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter((name) => !KNOWN_ERROR_NAMES.includes(name))).toEqual([]);
  });

  it('catches every error beside the input, too much data included', () => {
    const caught = states.filter(([, { Catch }]) => Catch.length > 0);
    // A delivery that cannot be sent is an execution that failed, for the alarm: nobody else waits for it.
    expect(caught.length > 0).toBe(workflow !== 'deliveries');
    for (const [, { Catch }] of caught) {
      const all = Catch.map(({ ErrorEquals, ResultPath }) => [ErrorEquals, ResultPath]);
      expect(all.slice(-2)).toEqual([
        [['States.DataLimitExceeded'], '$.error'],
        [['States.ALL'], '$.error'],
      ]);
    }
  });

  it('calls functions by the integration whose errors it names, and waits out their timeout', () => {
    const calls = states.filter(([, { Type }]) => Type === 'Task');
    for (const [name, { Resource, TimeoutSeconds, TimeoutSecondsPath, Parameters }] of calls) {
      if (TimeoutSecondsPath !== undefined) {
        // It waits for somebody else: for so long, and no longer.
        expect(Resource, name).toBe('arn:aws:states:::lambda:invoke.waitForTaskToken');
        expect(TimeoutSecondsPath, name).toBe('$.outcome.waitSeconds');
        continue;
      }
      expect(Resource).toBe('arn:aws:states:::lambda:invoke');
      const called = [...functionsOf(template)].find(([, { logicalId }]) =>
        String(Parameters.FunctionName).endsWith(logicalId),
      );
      expect(TimeoutSeconds, name).toBeGreaterThan(called?.[1].timeoutSeconds ?? Infinity);
    }
  });

  it('logs its events, but never their data', () => {
    template.allResourcesProperties('AWS::StepFunctions::StateMachine', {
      LoggingConfiguration: { IncludeExecutionData: false, Level: 'ALL' },
      TracingConfiguration: { Enabled: true },
    });
  });
});

describe('the way of a task', () => {
  it('is the steps of a task, in their order', () => {
    const [first, second] = TASK_STEPS;
    expect(tasks).toMatchObject({ StartAt: 'ChooseCheck' });
    expect(state('ChooseCheck')).toMatchObject({
      Choices: [{ Variable: `$.${first.when}`, BooleanEquals: true, Next: first.name }],
      Default: second.name,
    });
    /** Where a state leads that is no choice; a choice is followed by its default. */
    const after = (name: string): string | undefined => {
      const next = state(name).Next;
      return next !== undefined && state(next).Type === 'Choice' ? state(next).Default : next;
    };
    // A plan is worked on by the one stage that it names; behind both is what ends the round.
    const next = (i: number) =>
      TASK_STEPS.slice(i + 1).find((step) => !('stage' in step) || step.stage === 'render')?.name;
    for (const [i, step] of TASK_STEPS.entries()) {
      const { name } = step;
      expect(after(name)).toBe('stage' in step ? 'AssembleArchive' : next(i));
      expect(state(name).Catch.map(({ Next }) => Next)).toContain('FailTask');
    }
    expect(state('FailTask').Next).toBe('TaskFailed');
    expect(state('TaskFailed').Type).toBe('Fail');
  });

  it('renders one shard of the manifest in each EXPRESS child', () => {
    expect(state('RenderShards')).toMatchObject({
      Type: 'Map',
      Label: 'RenderShards',
      ItemProcessor: {
        ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'EXPRESS' },
        StartAt: 'RenderShard',
      },
      ItemReader: {
        Resource: 'arn:aws:states:::s3:getObject',
        ReaderConfig: { InputType: 'JSON' },
        Parameters: { 'Key.$': '$.manifestKey' },
      },
      MaxConcurrencyPath: '$.concurrency',
      ToleratedFailurePercentage: 100,
      ResultWriter: {
        Resource: 'arn:aws:states:::s3:putObject',
        Parameters: { 'Prefix.$': '$.resultsPrefix' },
      },
      ResultPath: null,
    });
    expect(state('RenderShard').Catch.map(({ Next }) => Next)).toEqual([
      'RecordRenderShardFailure',
      'RecordRenderShardFailure',
    ]);
  });

  it('takes no map for one shard, and nothing for none', () => {
    expect(state('PlanShards').Next).toBe('ChooseRenderShards');
    expect(state('ChooseRenderShards')).toMatchObject({
      Type: 'Choice',
      Choices: [
        { Variable: '$.shards', NumericEquals: 0, Next: 'AssembleArchive' },
        { Variable: '$.stage', StringEquals: 'call', Next: 'ChooseCallRows' },
        { Variable: '$.shards', NumericEquals: 1, Next: 'RenderOnlyShard' },
      ],
      Default: 'RenderShards',
    });
    expect(state('ChooseCallRows')).toMatchObject({
      Choices: [
        { Variable: '$.shards', NumericEquals: 0, Next: 'AssembleArchive' },
        { Variable: '$.shards', NumericEquals: 1, Next: 'CallOnlyShard' },
      ],
      Default: 'CallRows',
    });
    expect(state('CallOnlyShard').Next).toBe('ChooseAwaitOnlyCallbacks');
    expect(state('ChooseAwaitOnlyCallbacks').Default).toBe('AssembleArchive');
    expect(state('CallRows').ItemProcessor?.ProcessorConfig).toEqual({
      Mode: 'DISTRIBUTED',
      ExecutionType: 'STANDARD',
    });
    const { Retry, Parameters } = state('RenderShard');
    expect(state('RenderOnlyShard')).toMatchObject({
      Next: 'AssembleArchive',
      Retry,
      Parameters: { FunctionName: Parameters.FunctionName, 'Payload.$': '$.shard' },
    });
    expect(state('RenderOnlyShard').Catch.map(({ Next }) => Next)).toEqual([
      'RecordRenderOnlyShardFailure',
      'RecordRenderOnlyShardFailure',
    ]);
    expect(state('RecordRenderOnlyShardFailure').Next).toBe('AssembleArchive');
  });

  it.each([
    ['CallShard', 'AwaitCallbacks', '$'],
    ['CallOnlyShard', 'AwaitOnlyCallbacks', '$.shard'],
  ])('%s waits for callbacks by a token, and looks again', (step, wait, shard) => {
    expect(state(step)).toMatchObject({ Next: `Choose${wait}`, ResultPath: '$.outcome' });
    expect(state(`Choose${wait}`)).toMatchObject({
      Choices: [{ Variable: '$.outcome.status', StringEquals: 'waiting', Next: wait }],
    });
    expect(state(wait)).toMatchObject({
      Next: step,
      ResultPath: null,
      Parameters: { Payload: { 'shard.$': shard, 'token.$': '$$.Task.Token' } },
      Catch: [{ ErrorEquals: ['States.Timeout'], ResultPath: null, Next: step }, {}, {}],
    });
    expect(retrier(wait, 'States.Timeout').MaxAttempts).toBe(0);
  });

  it('goes round while rows are left', () => {
    expect(state('AssembleArchive').Next).toBe('ChooseRound');
    expect(state('ChooseRound')).toMatchObject({
      Type: 'Choice',
      Choices: [{ Variable: '$.left', BooleanEquals: true, Next: 'PlanShards' }],
      Default: 'FinishTask',
    });
  });

  it('goes on when the map cannot write its result files, without another map run', () => {
    expect(state('RenderShards').Catch[0]).toMatchObject({
      ErrorEquals: ['States.ResultWriterFailed'],
      Next: 'AssembleArchive',
    });
    const retried = state('RenderShards').Retry.flatMap(({ ErrorEquals }) => ErrorEquals);
    expect(retried).toEqual(['States.ItemReaderFailed']);
  });

  it('may run for as long as its map needs', () => {
    expect(tasks).not.toHaveProperty('TimeoutSeconds');
  });
});

describe('the way of a data source', () => {
  it('calls the function again to record that it failed', () => {
    expect(state('IngestSource').Catch.map(({ Next }) => Next)).toEqual([
      'RecordIngestFailure',
      'RecordIngestFailure',
    ]);
    expect(state('RecordIngestFailure').Parameters.FunctionName).toBe(
      state('IngestSource').Parameters.FunctionName,
    );
    expect(state('RecordIngestFailure').Next).toBe('IngestFailed');
  });
});

describe('what functions get', () => {
  const fieldsOf = (name: string) =>
    Object.entries(state(name).Parameters.Payload ?? {}).map(([field, path]) => {
      expect(path).toBe(`$.${field.replace('.$', '')}`);
      return field.replace('.$', '');
    });

  it.each([
    ['PlanShards', RoundSchema],
    ['AssembleArchive', EndedRoundSchema],
    ['FinishTask', TaskRunSchema],
  ])('%s gets what it asks for', (name, schema) => {
    expect(fieldsOf(name).sort()).toEqual(Object.keys(schema.shape).sort());
  });

  it('FailTask gets a FailedTask', () => {
    expect(fieldsOf('FailTask').sort()).toEqual(Object.keys(FailedTaskSchema.shape).sort());
  });

  it('IngestSource gets an IngestRun, with the error when there was one', () => {
    expect(fieldsOf('RecordIngestFailure').sort()).toEqual(
      Object.keys(IngestRunSchema.shape).sort(),
    );
    expect(fieldsOf('IngestSource')).toEqual(['dataSourceId', 'read']);
  });

  it('a child gets its item of the manifest as it is, and the handler of its failure the error too', () => {
    expect(state('RenderShard').Parameters).toMatchObject({ 'Payload.$': '$' });
    expect(state('RecordRenderShardFailure').Parameters.Payload).toEqual({
      'shard.$': '$',
      'error.$': '$.error',
    });
    expect(state('RecordRenderOnlyShardFailure').Parameters.Payload).toEqual({
      'shard.$': '$.shard',
      'error.$': '$.error',
    });
  });

  it('the map finds what it reads in the Plan', () => {
    expect(state('PlanShards')).toMatchObject({ OutputPath: '$.Payload' });
    const plan = Object.keys(PlanSchema.shape);
    expect(plan).toEqual(expect.arrayContaining(['manifestKey', 'resultsPrefix', 'concurrency']));
  });
});

describe('the five minutes of a child', () => {
  const attempt = timeoutOf('renderShard');
  const lease = LEASE_MS / 1000;
  const busy = retrier('RenderShard', WORKFLOW_ERRORS.shardBusy);

  it('hold a worker that hangs, its lease, a second attempt and the record of a failure', () => {
    const timedOut = retrier('RenderShard', 'Sandbox.Timedout');
    expect(timedOut.MaxAttempts).toBe(1);
    const total =
      attempt +
      longestWait(timedOut) +
      (lease + busy.IntervalSeconds) +
      attempt +
      timeoutOf('recordShardFailure');
    expect(total).toBeLessThanOrEqual(CHILD_SECONDS);
  });

  it('hold the wait for a shard that another attempt works on, and an attempt after it', () => {
    expect(busy.JitterStrategy).toBe('NONE');
    expect(longestWait(busy)).toBeGreaterThanOrEqual(attempt + lease);
    expect(longestWait(busy) + attempt).toBeLessThanOrEqual(CHILD_SECONDS);
  });

  it.each(['Lambda.TooManyRequestsException', 'States.ALL'])(
    'hold every wait after %s, and an attempt after them',
    (error) => {
      const found = retrier('RenderShard', error);
      expect(found.JitterStrategy).toBe('FULL');
      expect(longestWait(found) + attempt).toBeLessThanOrEqual(CHILD_SECONDS);
    },
  );

  it('allow as many retries as a task may ask for', () => {
    const { MaxAttempts } = retrier('RenderShard', 'States.ALL');
    expect(TaskOptionsSchema.safeParse({ maxRetries: MaxAttempts }).success).toBe(true);
    expect(TaskOptionsSchema.safeParse({ maxRetries: MaxAttempts + 1 }).success).toBe(false);
  });

  it('are not spent on a shard that was given up', () => {
    expect(retrier('RenderShard', WORKFLOW_ERRORS.retriesExhausted).MaxAttempts).toBe(0);
  });
});

describe('retries of the other steps', () => {
  const steps = ['PlanShards', 'AssembleArchive', 'FinishTask', 'IngestSource'];

  it.each(steps)('%s tries again what may pass, with backoff and full jitter', (name) => {
    for (const error of ['Lambda.TooManyRequestsException', WORKFLOW_ERRORS.serviceUnavailable]) {
      const found = retrier(name, error);
      expect(found.MaxAttempts).toBeGreaterThanOrEqual(6);
      expect(found.BackoffRate).toBe(2);
      expect(found.JitterStrategy).toBe('FULL');
    }
    expect(retrier(name, 'Sandbox.Timedout').MaxAttempts).toBe(1);
  });

  /** Children of the map end after minutes, and what they leave is planned anew. */
  const IN_MAP = ['RecordCallShardFailure', 'RecordRenderShardFailure'];

  it('go on for hours where nothing catches them: nobody else would end the work', () => {
    const states = { ...taskStates, ...ingestStates, ...deliveryStates };
    const uncaught = Object.entries(states)
      .filter(
        ([name, { Type, Catch }]) =>
          Type === 'Task' && Catch.length === 0 && !IN_MAP.includes(name),
      )
      .map(([name]) => name);
    expect(uncaught.sort()).toEqual(['FailTask', 'RecordIngestFailure', 'SendWebhook']);
    for (const name of uncaught) {
      expect(longestWait(retrier(name, 'States.ALL'))).toBeGreaterThan(2 * 3600);
    }
  });

  it('that cannot even record the failure of the only shard go on with what is left', () => {
    const next = state('RecordRenderOnlyShardFailure');
    const targets = next.Catch.map(({ Next }) => Next);
    expect(new Set(targets)).toEqual(new Set([next.Next]));
    expect(next.Catch.flatMap(({ ErrorEquals }) => ErrorEquals)).toContain('States.ALL');
  });

  it('the map tries again to read its manifest', () => {
    expect(retrier('RenderShards', 'States.ItemReaderFailed').MaxAttempts).toBe(2);
  });
});

describe('the role of the task workflow', () => {
  it('reads manifests and writes map results, and nothing else of the bucket', () => {
    const allow = (suffix: string, actions: unknown) =>
      Match.objectLike({
        Effect: 'Allow',
        Action: actions,
        Resource: { 'Fn::Join': ['', [Match.anyValue(), suffix]] },
      });
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          allow('/tasks/*/map-results/*', Match.arrayWith(['s3:PutObject'])),
          allow('/tasks/*/manifest-*', 's3:GetObject'),
        ]),
      },
    });
  });
});

describe('the way of a delivery', () => {
  it('is attempt after attempt, with the pauses that the function asks for', () => {
    expect(deliveries).toMatchObject({
      StartAt: 'SendWebhook',
      States: {
        SendWebhook: { Next: 'ChooseAgain', OutputPath: '$.Payload' },
        ChooseAgain: {
          Type: 'Choice',
          Choices: [{ Variable: '$.again', BooleanEquals: true, Next: 'Pause' }],
          Default: 'Over',
        },
        Pause: { Type: 'Wait', SecondsPath: '$.pauseSeconds', Next: 'SendWebhook' },
        Over: { Type: 'Succeed' },
      },
    });
  });

  it('gives the function what it expects, and takes what it answers', () => {
    const sending = { of: TASK_ID, deliveryId: DELIVERY_ID, sending: 1 };
    expect(state('SendWebhook').Parameters).toMatchObject({ 'Payload.$': '$' });
    expect(SendingSchema.parse({ ...sending, again: true, pauseSeconds: 1 })).toEqual(sending);
    expect(Object.keys(SentSchema.shape)).toEqual(
      expect.arrayContaining(['again', 'pauseSeconds']),
    );
  });

  it('outlasts failures of ours, and has time for a server that hangs', () => {
    expect(longestWait(retrier('SendWebhook', 'States.ALL'))).toBeGreaterThan(2 * 3600);
    expect(timeoutOf('sendWebhook') * 1000).toBeGreaterThanOrEqual(2 * WEBHOOK_TIMEOUT_MS);
  });
});
