/** States, Retry and Catch, executions and their API, as Step Functions has them. */
import {
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  ListStateMachinesCommand,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ended,
  eventTypes,
  eventually,
  history,
  newName,
  parse,
  run,
  start,
} from './suites/workflowClient.ts';
import { FUNCTION_ARN, createLocalHost } from './suites/workflowHost.ts';
import type { LocalWorkflowHost } from './suites/workflowHost.ts';
import { MACHINES } from './suites/workflowMachines.ts';

let host: LocalWorkflowHost;
beforeAll(async () => {
  host = await createLocalHost(MACHINES);
});
afterAll(() => host.close());

const DATA_LIMIT_CAUSE = (source: string) =>
  `The state/task '${source}' returned a result with a size exceeding the maximum number of bytes service limit.`;

describe('a step that invokes a function', () => {
  it('passes its answer on, wrapped as the integration wraps it', async () => {
    const { status, result } = await run(host, 'InvokeWhole', { value: { a: [1, 'ü'] } });
    expect(status).toBe('SUCCEEDED');
    expect(result).toMatchObject({
      ExecutedVersion: '$LATEST',
      Payload: { a: [1, 'ü'] },
      SdkHttpMetadata: {
        AllHttpHeaders: { 'X-Amz-Executed-Version': ['$LATEST'], 'Content-Length': ['14'] },
        HttpHeaders: { 'Content-Type': 'application/json' },
        HttpStatusCode: 200,
      },
      StatusCode: 200,
    });
  });

  it('tells its history as recorded from Step Functions', async () => {
    const { executionArn } = await run(host, 'Invoke', { value: 1 });
    const events = await history(host, executionArn);
    expect(events.map(({ id, previousEventId, type }) => ({ id, previousEventId, type }))).toEqual([
      { id: 1, previousEventId: 0, type: 'ExecutionStarted' },
      { id: 2, previousEventId: 0, type: 'TaskStateEntered' },
      { id: 3, previousEventId: 2, type: 'TaskScheduled' },
      { id: 4, previousEventId: 3, type: 'TaskStarted' },
      { id: 5, previousEventId: 4, type: 'TaskSucceeded' },
      { id: 6, previousEventId: 5, type: 'TaskStateExited' },
      { id: 7, previousEventId: 6, type: 'ExecutionSucceeded' },
    ]);
    expect(events[2]?.taskScheduledEventDetails).toMatchObject({
      parameters: JSON.stringify({ FunctionName: FUNCTION_ARN, Payload: { value: 1 } }),
      region: 'us-east-1',
      resource: 'invoke',
      resourceType: 'lambda',
    });
    expect(events[5]?.stateExitedEventDetails).toMatchObject({ name: 'Call', output: '1' });
  });

  it('fails with the name of what the function threw, and its payload as the cause', async () => {
    const failed = await run(host, 'Invoke', { do: 'fail', error: 'Special' });
    expect(failed).toMatchObject({ status: 'FAILED', error: 'Special' });
    expect(parse(failed.cause ?? '')).toEqual({
      errorType: 'Special',
      errorMessage: 'as told',
      trace: ['Special: as told'],
    });
    expect(await eventTypes(host, failed.executionArn)).toEqual([
      'ExecutionStarted',
      'TaskStateEntered',
      'TaskScheduled',
      'TaskStarted',
      'TaskFailed',
      'ExecutionFailed',
    ]);
  });

  it('fails with the error of the service when there is no such function', async () => {
    const { error, cause } = await run(host, 'InvokeMissing', {});
    expect(error).toBe('Lambda.ResourceNotFoundException');
    expect(cause).toMatch(/^Function not found: arn:aws:lambda:.*:suite-not/);
  });

  it('ends at its TimeoutSeconds, without a cause', async () => {
    const { error, cause, executionArn } = await run(host, 'InvokeLimited', { do: 'never' });
    expect({ error, cause }).toEqual({ error: 'States.Timeout', cause: undefined });
    expect(await eventTypes(host, executionArn)).toContain('TaskTimedOut');
    const caught = await run(host, 'InvokeLimitedCaught', { do: 'never' });
    expect(caught.result).toEqual({ do: 'never', error: { Error: 'States.Timeout', Cause: '' } });
  });
});

describe('Catch', () => {
  it('takes the first entry that fits, and puts the error where ResultPath says', async () => {
    const special = await run(host, 'Catching', { do: 'fail', error: 'Special' });
    expect(special.result).toMatchObject({ do: 'fail', special: { Error: 'Special' } });
    const other = await run(host, 'Catching', { do: 'fail', error: 'Other' });
    expect(other.result).toMatchObject({ do: 'fail', any: { Error: 'Other' } });
  });

  it('takes a result above 256 KiB by its own name only', async () => {
    const large = { do: 'big', size: 300_000 };
    const { result } = await run(host, 'Catching', large);
    expect(result).toEqual({
      ...large,
      tooLarge: { Error: 'States.DataLimitExceeded', Cause: DATA_LIMIT_CAUSE('lambda') },
    });
    const uncaught = await run(host, 'CatchingAll', large);
    expect(uncaught).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
  });
});

it('an empty ErrorEquals is taken, and takes no error', async () => {
  const calls = host.invocations.length;
  const failed = await run(host, 'CatchingNothing', { do: 'fail', error: 'Special' });
  expect(failed).toMatchObject({ status: 'FAILED', error: 'Special' });
  expect(host.invocations.length - calls).toBe(1);
});

describe('Retry', () => {
  it('waits longer each time, at most MaxDelaySeconds, and counts for each entry', async () => {
    const from = host.sleeps.length;
    const { result } = await run(host, 'Retrying', {
      do: 'failTimes',
      times: 4,
      error: 'Slow',
      key: newName(),
    });
    expect(result).toEqual({ failures: 4 });
    expect(host.sleeps.slice(from)).toEqual([2000, 6000, 10_000, 10_000]);
  });

  it('gives up after MaxAttempts, and tries an error with 0 attempts once', async () => {
    const calls = host.invocations.length;
    await run(host, 'Retrying', { do: 'fail', error: 'Other' });
    expect(host.invocations.length - calls).toBe(3);
    await run(host, 'Retrying', { do: 'fail', error: 'Never' });
    expect(host.invocations.length - calls).toBe(4);
  });

  it('schedules the step again without entering the state again', async () => {
    const { executionArn } = await run(host, 'Retrying', { do: 'failTimes', key: newName() });
    expect(await eventTypes(host, executionArn)).toEqual([
      'ExecutionStarted',
      'TaskStateEntered',
      'TaskScheduled',
      'TaskStarted',
      'TaskFailed',
      'TaskScheduled',
      'TaskStarted',
      'TaskSucceeded',
      'TaskStateExited',
      'ExecutionSucceeded',
    ]);
  });
});

describe('the limit of 256 KiB', () => {
  it('refuses a larger input at the start', async () => {
    await expect(start(host, 'Invoke', 'x'.repeat(262_143))).rejects.toMatchObject({
      name: 'ValidationException',
    });
    // In bytes of UTF-8, the quotes included.
    const { result } = await run(host, 'Inline', { name: 'ü'.repeat(131_000), items: [] });
    expect(result).toEqual([]);
  });

  it('fails a state whose output passes it', async () => {
    const { error, cause, executionArn } = await run(host, 'Large', { a: 'x'.repeat(140_000) });
    expect({ error, cause }).toEqual({
      error: 'States.DataLimitExceeded',
      cause: DATA_LIMIT_CAUSE('Fill'),
    });
    expect(await eventTypes(host, executionArn)).toEqual([
      'ExecutionStarted',
      'PassStateEntered',
      'ExecutionFailed',
    ]);
  });
});

describe('the other states', () => {
  it('Choice follows the first rule that holds', async () => {
    expect((await run(host, 'Choosing', { n: 11 })).result).toBe('big');
    expect(await run(host, 'Choosing', { n: 1, s: 'abc' })).toMatchObject({
      status: 'FAILED',
      error: 'Worded',
      cause: 'it was abc',
    });
  });

  it('Choice fails when no rule holds and when a path leads nowhere', async () => {
    expect(await run(host, 'Choosing', { n: 1 })).toMatchObject({
      error: 'States.Runtime',
      cause:
        "An error occurred while executing the state 'Choose' (entered at the event id #2). Failed to transition out of the state. The state does not point to a next state.",
    });
    expect(await run(host, 'Choosing', {})).toMatchObject({
      error: 'States.Runtime',
      cause:
        "An error occurred while executing the state 'Choose' (entered at the event id #2). Invalid path '$.n': The choice state's condition path references an invalid value.",
    });
  });

  it('Pass gives its Result, even null', async () => {
    expect((await run(host, 'Nothing', { a: 1 })).result).toBeNull();
  });

  it('Fail may take its error from the data', async () => {
    const told = { status: 'FAILED', error: 'Mine', cause: 'told' };
    expect(await run(host, 'FailByPath', { error: 'Mine' })).toMatchObject(told);
    expect((await run(host, 'FailByPath', {})).error).toBe('States.Runtime');
  });

  it('end at the 25,000th event of their execution', async () => {
    const { executionArn, error, cause } = await run(host, 'Endless', {});
    expect({ error, cause }).toEqual({
      error: 'States.Runtime',
      cause: 'The execution reached the maximum number of history events (25000).',
    });
    const { events = [] } = await host.client.send(
      new GetExecutionHistoryCommand({ executionArn, reverseOrder: true, maxResults: 1 }),
    );
    expect(events).toMatchObject([{ id: 25_000, type: 'ExecutionFailed' }]);
  });

  it('Wait waits as long as it says', async () => {
    const from = host.sleeps.length;
    expect((await run(host, 'Waiting', { value: 'later' })).result).toBe('later');
    expect(host.sleeps.slice(from)).toEqual([3_600_000]);
  });

  it('an inline Map runs its items within the execution, a few at once', async () => {
    const { result, executionArn } = await run(host, 'Inline', {
      name: 'all',
      items: ['a', 'b', 'c'],
    });
    expect(result).toEqual(['a', 'b', 'c']);
    expect(host.invocations.slice(-3).map(({ index, all }) => ({ index, all }))).toEqual(
      expect.arrayContaining([0, 1, 2].map((index) => ({ index, all: 'all' }))),
    );
    const types = await eventTypes(host, executionArn);
    expect(types.filter((type) => type === 'MapIterationSucceeded')).toHaveLength(3);
  });

  it('an inline Map tells of its failure after the last try only', async () => {
    const items = [{ do: 'fail', error: 'Second' }];
    const { executionArn, error } = await run(host, 'InlineRetried', { items });
    expect(error).toBe('Second');
    const types = await eventTypes(host, executionArn);
    // As recorded from Step Functions, but for the events of the item itself.
    expect(types.filter((type) => /^Map|^Execution/.test(type ?? ''))).toEqual([
      'ExecutionStarted',
      'MapStateEntered',
      ...Array.from({ length: 3 }, () => [
        'MapStateStarted',
        'MapIterationStarted',
        'MapIterationFailed',
      ]).flat(),
      'MapStateFailed',
      'ExecutionFailed',
    ]);
  });
});

describe('StartExecution', () => {
  it('answers a running execution of the same name and input with that execution', async () => {
    const name = newName();
    const first = await start(host, 'Invoke', { do: 'hold', value: 1 }, name);
    expect(await start(host, 'Invoke', { value: 1, do: 'hold' }, name)).toBe(first);
    await expect(start(host, 'Invoke', { do: 'hold', value: 2 }, name)).rejects.toMatchObject({
      name: 'ExecutionAlreadyExists',
      message: `Execution Already Exists: '${first}'`,
    });
    await eventually(() => (host.invocations.at(-1)?.do === 'hold' ? true : undefined));
    host.release();
    expect((await ended(host, first)).result).toBe(1);
    await expect(start(host, 'Invoke', { do: 'hold', value: 1 }, name)).rejects.toMatchObject({
      name: 'ExecutionAlreadyExists',
    });
  });

  it.each<[string, { name?: string; input?: string; stateMachineArn?: string }, string]>([
    ['a name with a space', { name: 'a b' }, 'InvalidName'],
    ['a name of 81 characters', { name: 'a'.repeat(81) }, 'InvalidName'],
    ['an input that is no JSON', { input: 'not json' }, 'InvalidExecutionInput'],
    ['a machine that is not there', { stateMachineArn: 'Nobody' }, 'StateMachineDoesNotExist'],
  ])('refuses %s', async (_, request, fault) => {
    const stateMachineArn = host.machineArn(request.stateMachineArn ?? 'Invoke');
    await expect(
      host.client.send(new StartExecutionCommand({ ...request, stateMachineArn })),
    ).rejects.toMatchObject({ name: fault });
  });
});

describe('StopExecution', () => {
  it('aborts an execution where it stands', async () => {
    const executionArn = await start(host, 'Invoke', { do: 'never' });
    const { stopDate } = await host.client.send(
      new StopExecutionCommand({ executionArn, error: 'Enough', cause: 'because' }),
    );
    expect(stopDate).toBeInstanceOf(Date);
    expect(await ended(host, executionArn)).toMatchObject({
      status: 'ABORTED',
      error: 'Enough',
      cause: 'because',
      stopDate,
    });
    expect((await history(host, executionArn)).at(-1)).toMatchObject({
      type: 'ExecutionAborted',
      previousEventId: 0,
      executionAbortedEventDetails: { error: 'Enough', cause: 'because' },
    });
    // A second time nothing happens.
    const again = await host.client.send(new StopExecutionCommand({ executionArn }));
    expect(again.stopDate).toEqual(stopDate);
  });

  it('drops what the function answers afterwards', async () => {
    const executionArn = await start(host, 'Invoke', { do: 'hold', value: 'late' });
    await host.client.send(new StopExecutionCommand({ executionArn }));
    host.release();
    const { status, output } = await ended(host, executionArn);
    expect({ status, output }).toEqual({ status: 'ABORTED', output: undefined });
  });
});

it("ends an execution at the machine's own TimeoutSeconds", async () => {
  const { status, executionArn } = await run(host, 'Deadline', { do: 'never' });
  expect(status).toBe('TIMED_OUT');
  expect((await eventTypes(host, executionArn)).at(-1)).toBe('ExecutionTimedOut');
});

describe('what can be asked', () => {
  it('describes an execution with all its fields', async () => {
    const { executionArn } = await run(host, 'Invoke', { value: true });
    const described = await host.client.send(new DescribeExecutionCommand({ executionArn }));
    expect(described).toMatchObject({
      executionArn,
      stateMachineArn: host.machineArn('Invoke'),
      status: 'SUCCEEDED',
      input: '{"value":true}',
      inputDetails: { included: true },
      output: 'true',
      outputDetails: { included: true },
      redriveCount: 0,
      redriveStatus: 'NOT_REDRIVABLE',
      redriveStatusReason: 'Execution is SUCCEEDED and cannot be redriven',
    });
    expect(described.startDate).toBeInstanceOf(Date);
  });

  it('lists executions by status, newest first, in pages', async () => {
    const stateMachineArn = host.machineArn('Large');
    const arns = [];
    for (const a of ['x', 'y', 'z']) arns.unshift((await run(host, 'Large', { a })).executionArn);
    const first = await host.client.send(
      new ListExecutionsCommand({ stateMachineArn, statusFilter: 'SUCCEEDED', maxResults: 2 }),
    );
    const { nextToken } = first;
    const second = await host.client.send(
      new ListExecutionsCommand({
        stateMachineArn,
        statusFilter: 'SUCCEEDED',
        maxResults: 2,
        nextToken,
      }),
    );
    const listed = [...(first.executions ?? []), ...(second.executions ?? [])];
    expect(listed.map(({ executionArn }) => executionArn)).toEqual(arns);
    expect(second.nextToken).toBeUndefined();
  });

  it('tells the history backwards, in pages, and without data', async () => {
    const { executionArn } = await run(host, 'Invoke', { value: 'secret' });
    const { events = [], nextToken } = await host.client.send(
      new GetExecutionHistoryCommand({
        executionArn,
        reverseOrder: true,
        includeExecutionData: false,
        maxResults: 3,
      }),
    );
    expect(events.map(({ id }) => id)).toEqual([7, 6, 5]);
    expect(JSON.stringify(events)).not.toContain('secret');
    expect(nextToken).toBeDefined();
  });

  it('describes and lists the state machines', async () => {
    const { stateMachines = [] } = await host.client.send(
      new ListStateMachinesCommand({ maxResults: 1000 }),
    );
    expect(stateMachines.map(({ name }) => name).sort()).toEqual(Object.keys(MACHINES).sort());
    const described = await host.client.send(
      new DescribeStateMachineCommand({ stateMachineArn: host.machineArn('Invoke') }),
    );
    expect(described).toMatchObject({ name: 'Invoke', type: 'STANDARD', status: 'ACTIVE' });
    expect(parse(described.definition ?? '')).toMatchObject({ StartAt: 'Call' });
  });

  it.each([
    ['an execution that is not there', (arn: string) => `${arn}-not`, 'ExecutionDoesNotExist'],
    ['what is no ARN of an execution', () => 'execution', 'InvalidArn'],
  ])('refuses %s', async (_, arnOf, fault) => {
    const { executionArn = '' } = await run(host, 'Invoke', {});
    await expect(
      host.client.send(new DescribeExecutionCommand({ executionArn: arnOf(executionArn) })),
    ).rejects.toMatchObject({ name: fault });
  });

  it('asks whether the caller may', async () => {
    const { executionArn } = await run(host, 'Invoke', {});
    const again = await createLocalHost({ Invoke: MACHINES.Invoke });
    try {
      again.deny(['states:StartExecution']);
      await expect(start(again, 'Invoke', {})).rejects.toMatchObject({
        name: 'AccessDeniedException',
        message: expect.stringContaining('states:StartExecution') as string,
      });
      expect(again.invocations).toEqual([]);
    } finally {
      await again.close();
    }
    expect(executionArn).toBeDefined();
  });
});
