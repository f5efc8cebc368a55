/** Distributed maps: items, children, tolerated failures, results, as Step Functions has them. */
import { StopExecutionCommand, UpdateMapRunCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ended,
  eventTypes,
  eventually,
  history,
  mapRunOf,
  newName,
  parse,
  run,
  start,
  written,
} from './suites/workflowClient.ts';
import { createStepFunctionsClient } from '../../functions/adapters/clients/stepFunctions.ts';
import { createWorkflow } from '../../functions/adapters/stepFunctionsWorkflow.ts';
import { createLocalHost } from './suites/workflowHost.ts';
import type { LocalWorkflowHost } from './suites/workflowHost.ts';
import { MACHINES } from './suites/workflowMachines.ts';

let host: LocalWorkflowHost;
beforeAll(async () => {
  host = await createLocalHost(MACHINES);
});
afterAll(() => host.close());

const values = (count: number) => Array.from({ length: count }, (_, i) => ({ value: i }));
const anArn = (kind: string) => new RegExp(`^arn:aws:states:us-east-1:\\d{12}:${kind}`);

/** As recorded from Step Functions for a tolerated failure that cannot be read. */
const REFUSED_TOLERANCE = [
  'ExecutionStarted',
  'MapStateEntered',
  'MapStateStarted',
  'ExecutionFailed',
];

describe('items', () => {
  it('come from the input, and outputs stand in the order of the items', async () => {
    const items = values(25);
    const { result, executionArn } = await run(host, 'MapItems', { items });
    expect(result).toEqual(items.map(({ value }) => value));
    expect(await eventTypes(host, executionArn)).toEqual([
      'ExecutionStarted',
      'MapStateEntered',
      'MapStateStarted',
      'MapRunStarted',
      'MapRunSucceeded',
      'MapStateSucceeded',
      'MapStateExited',
      'ExecutionSucceeded',
    ]);
    const events = await history(host, executionArn);
    expect(events[2]?.mapStateStartedEventDetails).toEqual({ length: 25 });
    expect(events[3]?.mapRunStartedEventDetails?.mapRunArn).toMatch(
      anArn('mapRun:MapItems/Each:[0-9a-f-]{36}$'),
    );
  });

  it('may be none', async () => {
    expect((await run(host, 'MapItems', { items: [] })).result).toEqual([]);
  });

  it('must be a list', async () => {
    expect(await run(host, 'MapItems', { items: 3 })).toMatchObject({
      error: 'States.Runtime',
      cause:
        'An error occurred while executing the state \'Each\' (entered at the event id #2). Reference path "$.items" must point to array.',
    });
  });

  it('come from a JSON array in the store', async () => {
    await host.putObject('three.json', JSON.stringify(values(3)));
    const { result, executionArn } = await run(host, 'MapJson', { key: 'three.json' });
    expect(result).toEqual([0, 1, 2]);
    // What a reader will find is not known when the state starts.
    const events = await history(host, executionArn);
    expect(events[2]?.mapStateStartedEventDetails).toEqual({ length: 0 });
  });

  it.each([
    ['JSON that is no list', '3', 'Attempting to map over non-iterable node.'],
    ['a JSON object', '{"a":1}', 'Attempting to map over non-iterable node.'],
    ['text that is no JSON', '[1,', 'The object does not hold valid JSON.'],
  ])('fail the run: %s', async (_, text, cause) => {
    const key = newName();
    await host.putObject(key, text);
    const failed = await run(host, 'MapJson', { key });
    expect(failed).toMatchObject({ status: 'FAILED', error: 'States.ItemReaderFailed', cause });
    expect((await eventTypes(host, failed.executionArn)).slice(-3)).toEqual([
      'MapRunFailed',
      'MapStateFailed',
      'ExecutionFailed',
    ]);
    expect(await mapRunOf(host, failed.executionArn)).toMatchObject({ status: 'FAILED' });
  });

  it('fail the run when the object is missing', async () => {
    expect(await run(host, 'MapJson', { key: 'nothing' })).toMatchObject({
      error: 'States.ItemReaderFailed',
      cause: 'The specified key does not exist.',
    });
  });
});

describe('what a child gets', () => {
  it('is what ItemSelector makes of the item', async () => {
    await run(host, 'MapSelected', { items: [{ n: 1 }], name: 'all' });
    expect(host.invocations.at(-1)).toMatchObject({
      index: 0,
      source: 'STATE_DATA',
      value: { n: 1 },
      name: 'all',
    });
  });

  it('is at most 256 KiB, or the run fails', async () => {
    await host.putObject('large.json', JSON.stringify([{ value: 1 }, 'x'.repeat(300_000)]));
    const failed = await run(host, 'MapJson', { key: 'large.json' });
    expect(failed).toMatchObject({
      error: 'States.DataLimitExceeded',
      cause:
        "The state/task 'Each' returned a result with a size exceeding the maximum number of bytes service limit.",
    });
  });
});

describe('failures of children', () => {
  const items = (failures: number[], count = 10) =>
    Array.from({ length: count }, (_, value) =>
      failures.includes(value) ? { do: 'fail', value } : { value },
    );

  it('are handled within the child by its own Retry and Catch', async () => {
    const { result } = await run(host, 'MapCaughtWithin', { items: items([1], 3) });
    expect(result).toEqual({ results: [0, { noted: 'Boom' }, 2] });
  });

  it('fail the run at once when none is tolerated', async () => {
    const failed = await run(host, 'MapItems', { items: items([0], 1) });
    expect(failed).toMatchObject({
      status: 'FAILED',
      error: 'States.ExceedToleratedFailureThreshold',
      cause: 'The specified tolerated failure threshold was exceeded',
    });
    expect(await eventTypes(host, failed.executionArn)).toEqual([
      'ExecutionStarted',
      'MapStateEntered',
      'MapStateStarted',
      'MapRunStarted',
      'MapRunFailed',
      'MapStateFailed',
      'ExecutionFailed',
    ]);
  });

  it('are tolerated up to the percentage, and written down with their errors', async () => {
    const prefix = newName();
    const { result, executionArn } = await run(host, 'MapTolerant', {
      items: items([2, 5]),
      percentage: 20,
      prefix,
    });
    const { MapRunArn, key, manifest, texts } = await written(
      host,
      (result as { written: unknown }).written,
    );
    const id = MapRunArn.split(':').at(-1) ?? '';
    expect(key).toBe(`${prefix}/${id}/manifest.json`);
    expect(manifest).toMatchObject({ DestinationBucket: 'suite', MapRunArn });
    expect(manifest.ResultFiles.PENDING).toEqual([]);
    expect(manifest.ResultFiles.SUCCEEDED.map((file) => file.Key)).toEqual([
      `${prefix}/${id}/SUCCEEDED_0.json`,
    ]);
    const [succeeded = ''] = await texts('SUCCEEDED');
    expect(manifest.ResultFiles.SUCCEEDED[0]?.Size).toBe(Buffer.byteLength(succeeded));
    const records = parse(succeeded) as object[];
    expect(records).toHaveLength(8);
    expect(records[0]).toEqual({
      ExecutionArn: expect.stringMatching(anArn('execution:MapTolerant/Each:')) as string,
      Input: '{"value":0}',
      InputDetails: { Included: true },
      Name: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      Output: '0',
      OutputDetails: { Included: true },
      RedriveCount: 0,
      RedriveStatus: 'NOT_REDRIVABLE',
      RedriveStatusReason: 'Execution is SUCCEEDED and cannot be redriven',
      StartDate: expect.stringMatching(/^\d{4}-.*Z$/) as string,
      StateMachineArn: expect.stringMatching(anArn('stateMachine:MapTolerant/Each$')) as string,
      Status: 'SUCCEEDED',
      StopDate: expect.stringMatching(/^\d{4}-.*Z$/) as string,
    });
    const [failed = ''] = await texts('FAILED');
    expect(parse(failed)).toMatchObject([
      { Input: '{"do":"fail","value":2}', Error: 'Boom', Status: 'FAILED' },
      { Input: '{"do":"fail","value":5}', Error: 'Boom', Status: 'FAILED' },
    ]);
    expect(await mapRunOf(host, executionArn)).toMatchObject({
      status: 'SUCCEEDED',
      maxConcurrency: 1,
      toleratedFailurePercentage: 20,
      itemCounts: {
        total: 10,
        succeeded: 8,
        failed: 2,
        pending: 0,
        running: 0,
        resultsWritten: 10,
      },
      executionCounts: { total: 10, succeeded: 8, failed: 2 },
    });
  });

  it('above the percentage fail the run; what never started is written down as pending', async () => {
    const prefix = newName();
    const failed = await run(host, 'MapTolerant', {
      items: items([2, 5, 6]),
      percentage: 20,
      prefix,
    });
    expect(failed.error).toBe('States.ExceedToleratedFailureThreshold');
    const described = await mapRunOf(host, failed.executionArn);
    expect(described).toMatchObject({
      status: 'FAILED',
      itemCounts: { total: 10, succeeded: 4, failed: 3, pending: 3 },
    });
    const id = described.mapRunArn?.split(':').at(-1) ?? '';
    expect(parse(await host.getObject(`${prefix}/${id}/PENDING_0.json`))).toEqual(
      [7, 8, 9].map((value) => ({
        Input: JSON.stringify({ value }),
        InputDetails: { Included: true },
        Status: 'PENDING',
      })),
    );
  });

  it('up to the count stand in the list as records; above it the Map can be caught', async () => {
    const input = { items: items([1, 2], 4), tolerated: 2 };
    const failed = { Status: 'FAILED', Error: 'Boom' };
    expect((await run(host, 'MapTolerantCount', input)).result).toMatchObject([
      0,
      failed,
      failed,
      3,
    ]);
    const { result } = await run(host, 'MapTolerantCount', { ...input, tolerated: 1 });
    expect(result).toMatchObject({
      error: { Error: 'States.ExceedToleratedFailureThreshold' },
    });
  });

  it('Retry of the Map runs all items again, in a new Map Run', async () => {
    const calls = host.invocations.length;
    const { status, executionArn } = await run(host, 'MapRetried', {
      items: [{ value: 1 }, { do: 'failTimes', times: 1, key: newName() }],
    });
    expect(status).toBe('SUCCEEDED');
    expect(host.invocations.length - calls).toBe(4);
    const types = await eventTypes(host, executionArn);
    expect(types.filter((type) => type === 'MapRunStarted')).toHaveLength(2);
  });

  it('the Map tells of its failure after its last try only', async () => {
    const failed = await run(host, 'MapRetried', { items: [{ do: 'fail' }] });
    expect(failed.error).toBe('States.ExceedToleratedFailureThreshold');
    expect(await eventTypes(host, failed.executionArn)).toEqual([
      'ExecutionStarted',
      'MapStateEntered',
      'MapStateStarted',
      'MapRunStarted',
      'MapRunFailed',
      'MapStateStarted',
      'MapRunStarted',
      'MapRunFailed',
      'MapStateFailed',
      'ExecutionFailed',
    ]);
  });

  it.each([
    [
      'tolerated',
      'x',
      'The ToleratedFailureCountPath field refers to value "x" which is not a valid integer: $.tolerated',
    ],
    ['tolerated', -1, 'ToleratedFailureCount cannot be negative.'],
  ])('%s = %s is refused', async (field, value, cause) => {
    const refused = await run(host, 'MapTolerantCount', { items: [], [field]: value });
    expect(refused).toMatchObject({
      error: 'States.Runtime',
      cause: `An error occurred while executing the state 'Each' (entered at the event id #2). ${cause}`,
    });
    expect(await eventTypes(host, refused.executionArn)).toEqual(REFUSED_TOLERANCE);
  });

  it('a percentage above 100 is refused', async () => {
    const refused = await run(host, 'MapTolerant', { items: [], percentage: 101, prefix: 'p' });
    expect(refused).toMatchObject({
      error: 'States.Runtime',
      cause: expect.stringContaining(
        'ToleratedFailurePercentage must be between 0 and 100.',
      ) as string,
    });
    expect(await eventTypes(host, refused.executionArn)).toEqual(REFUSED_TOLERANCE);
  });
});

describe('MaxConcurrency', () => {
  it('is reached and never passed', async () => {
    const here = await createLocalHost({ MapLimited: MACHINES.MapLimited });
    try {
      const items = Array.from({ length: 20 }, (_, value) => ({ do: 'hold', value }));
      const executionArn = await start(here, 'MapLimited', { items, limit: 4 });
      await eventually(() => (here.invocations.length === 4 ? true : undefined));
      expect(await mapRunOf(here, executionArn)).toMatchObject({
        status: 'RUNNING',
        itemCounts: { running: 4, pending: 16, total: 20 },
      });
      const releasing = setInterval(() => {
        here.release();
      }, 1);
      try {
        expect((await ended(here, executionArn)).result).toEqual(items.map(({ value }) => value));
      } finally {
        clearInterval(releasing);
      }
      expect(here.peak()).toBe(4);
    } finally {
      await here.close();
    }
  });
});

describe('UpdateMapRun', () => {
  const items = (count: number) =>
    Array.from({ length: count }, (_, value) => ({ do: 'hold', value }));
  const begun = async (limit: number, count = 12) => {
    const here = await createLocalHost({ MapLimited: MACHINES.MapLimited });
    const executionArn = await start(here, 'MapLimited', { items: items(count), limit });
    const working = (at: number) =>
      eventually(() => (here.invocations.length === at ? true : undefined));
    await working(limit);
    const { mapRunArn = '' } = await mapRunOf(here, executionArn);
    const update = (settings: object) =>
      here.client.send(new UpdateMapRunCommand({ mapRunArn, ...settings }));
    const running = async () => (await mapRunOf(here, executionArn)).itemCounts?.running;
    return { here, executionArn, working, update, running };
  };

  it('lets more children run at once', async () => {
    const { here, executionArn, working, update, running } = await begun(2);
    try {
      await update({ maxConcurrency: 5 });
      await working(5);
      expect(await mapRunOf(here, executionArn)).toMatchObject({
        maxConcurrency: 5,
        itemCounts: { running: 5 },
      });
      here.release();
      await working(10);
      expect(await running()).toBe(5);
    } finally {
      await here.close();
    }
  });

  it('lets children end that run, where fewer are to', async () => {
    const { here, executionArn, working, update, running } = await begun(5);
    try {
      await update({ maxConcurrency: 2 });
      expect(await running()).toBe(5);
      here.release();
      await working(7);
      expect(await running()).toBe(2);
      here.release();
      await working(9);
      expect(await running()).toBe(2);
      const releasing = setInterval(() => {
        here.release();
      }, 1);
      try {
        expect((await ended(here, executionArn)).result).toEqual(items(12).map((i) => i.value));
      } finally {
        clearInterval(releasing);
      }
      expect(here.peak()).toBe(5);
    } finally {
      await here.close();
    }
  });

  it('is what the workflow port does with the maps that go on', async () => {
    const { here, executionArn, working } = await begun(2, 6);
    try {
      const task = here.machineArn('MapLimited');
      const port = createWorkflow(
        { task, ingest: task },
        createStepFunctionsClient(() => here.place),
      );
      const name = executionArn.split(':').at(-1) ?? '';
      expect(await port.limitMaps('task', name, 4)).toBe(true);
      await working(4);
      here.release();
      await working(6);
      here.release();
      await ended(here, executionArn);
      expect(await port.limitMaps('task', name, 2)).toBe(false);
    } finally {
      await here.close();
    }
  });

  it('holds after a restart', async () => {
    const { here, executionArn, working, update, running } = await begun(4);
    try {
      await update({ maxConcurrency: 1 });
      await here.restart();
      // The children that were under way begin anew, one at a time.
      await working(5);
      expect(await running()).toBe(1);
      expect(await mapRunOf(here, executionArn)).toMatchObject({ maxConcurrency: 1 });
    } finally {
      await here.close();
    }
  });

  it('fails the run that has more failures than it tolerates then', async () => {
    const { here, executionArn, update, working } = await begun(4);
    try {
      await update({ toleratedFailurePercentage: 100 });
      here.failHeld('Boom');
      await working(8);
      expect(await mapRunOf(here, executionArn)).toMatchObject({ itemCounts: { failed: 4 } });
      await update({ toleratedFailurePercentage: 10 });
      here.release();
      expect(await ended(here, executionArn)).toMatchObject({
        error: 'States.ExceedToleratedFailureThreshold',
      });
    } finally {
      await here.close();
    }
  });

  it('refuses what there is not, what has ended, and whoever may not', async () => {
    const { executionArn } = await run(host, 'MapItems', { items: values(1) });
    const { mapRunArn = '' } = await mapRunOf(host, executionArn);
    const update = (arn: string) =>
      host.client.send(new UpdateMapRunCommand({ mapRunArn: arn, maxConcurrency: 2 }));
    await expect(update(mapRunArn)).rejects.toMatchObject({ name: 'ValidationException' });
    await expect(update(mapRunArn.replace(/.$/, 'x'))).rejects.toMatchObject({
      name: 'ResourceNotFound',
    });
    await expect(
      host.client.send(new UpdateMapRunCommand({ mapRunArn, maxConcurrency: -1 })),
    ).rejects.toMatchObject({ name: 'ValidationException' });
    const { here, update: mine } = await begun(1, 1);
    try {
      here.deny(['states:UpdateMapRun']);
      await expect(mine({ maxConcurrency: 2 })).rejects.toMatchObject({
        name: 'AccessDeniedException',
      });
    } finally {
      await here.close();
    }
  });
});

describe('results', () => {
  it('fail the run when they cannot be written', async () => {
    expect(await run(host, 'MapWriterFails', { items: values(1) })).toMatchObject({
      error: 'States.ResultWriterFailed',
      cause: 'The specified bucket does not exist.',
    });
  });

  it('above 256 KiB in all fail the state', async () => {
    const items = Array.from({ length: 3 }, () => ({ do: 'big', size: 100_000 }));
    expect(await run(host, 'MapItems', { items })).toMatchObject({
      error: 'States.DataLimitExceeded',
      cause: expect.stringContaining("'Each'") as string,
    });
  });
});

describe('the end before the end', () => {
  it('StopExecution starts no more children, and waits for Express ones', async () => {
    const items = Array.from({ length: 5 }, () => ({ do: 'hold' }));
    const calls = host.invocations.length;
    const executionArn = await start(host, 'MapLimited', { items, limit: 2 });
    await eventually(() => (host.invocations.length === calls + 2 ? true : undefined));
    await host.client.send(new StopExecutionCommand({ executionArn }));
    expect((await ended(host, executionArn)).status).toBe('ABORTED');
    expect((await mapRunOf(host, executionArn)).status).toBe('RUNNING');
    host.release();
    const described = await eventually(async () => {
      const found = await mapRunOf(host, executionArn);
      return found.status === 'RUNNING' ? undefined : found;
    });
    expect(described).toMatchObject({
      status: 'ABORTED',
      itemCounts: { succeeded: 2, pending: 3, running: 0 },
    });
    expect(host.invocations.length).toBe(calls + 2);
  });

  it('StopExecution cancels Standard children', async () => {
    const calls = host.invocations.length;
    const executionArn = await start(host, 'MapStandard', { items: [{ do: 'never' }] });
    await eventually(() =>
      host.invocations.slice(calls).some((payload) => payload.do === 'never') ? true : undefined,
    );
    await host.client.send(new StopExecutionCommand({ executionArn }));
    const described = await eventually(async () => {
      const found = await mapRunOf(host, executionArn);
      return found.status === 'RUNNING' ? undefined : found;
    });
    expect(described).toMatchObject({ status: 'ABORTED', itemCounts: { aborted: 1 } });
  });

  it('an Express child ends after 5 minutes', async () => {
    const prefix = newName();
    const executionArn = await start(host, 'MapTolerant', {
      items: [{ do: 'never' }, { value: 1 }],
      percentage: 50,
      prefix,
    });
    await eventually(() => (host.invocations.at(-1)?.do === 'never' ? true : undefined));
    host.ringLongAlarms();
    const { result } = await ended(host, executionArn);
    const { texts } = await written(host, (result as { written: unknown }).written);
    expect(parse((await texts('FAILED'))[0] ?? '')).toMatchObject([
      { Status: 'TIMED_OUT', Error: 'States.Timeout' },
    ]);
    expect((await mapRunOf(host, executionArn)).itemCounts).toMatchObject({
      timedOut: 1,
      succeeded: 1,
    });
  });
});
