/** An engine over the folder of another goes on where that one stood. */
import { ListMapRunsCommand, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  ended,
  eventTypes,
  eventually,
  mapRunOf,
  newName,
  run,
  start,
} from './suites/workflowClient.ts';
import { createLocalHost } from './suites/workflowHost.ts';
import type { LocalWorkflowHost } from './suites/workflowHost.ts';
import { MACHINES } from './suites/workflowMachines.ts';

let host: LocalWorkflowHost;
let calls = 0;
beforeAll(async () => {
  host = await createLocalHost(MACHINES);
});
beforeEach(() => {
  calls = host.invocations.length;
});
afterAll(() => host.close());

/** Payloads since the test began. */
const invoked = () => host.invocations.slice(calls);
const count = (test: (payload: Record<string, unknown>) => boolean) =>
  invoked().filter(test).length;
const until = (holds: () => boolean) => eventually(() => (holds() ? true : undefined));

describe('after a restart', () => {
  it('what has ended can still be described', async () => {
    const before = await run(host, 'MapItems', { items: [{ value: 1 }, { value: 2 }] });
    const mapRun = await mapRunOf(host, before.executionArn);
    await host.restart();
    const after = await ended(host, before.executionArn ?? '');
    expect({ ...after, $metadata: undefined }).toEqual({ ...before, $metadata: undefined });
    expect({ ...(await mapRunOf(host, before.executionArn)), $metadata: undefined }).toEqual({
      ...mapRun,
      $metadata: undefined,
    });
    const name = before.name ?? '';
    await expect(start(host, 'MapItems', { items: [] }, name)).rejects.toMatchObject({
      name: 'ExecutionAlreadyExists',
    });
  });

  it('a step that was under way is taken again, those before it are not', async () => {
    const executionArn = await start(host, 'Steps', { second: { do: 'hold', value: 'done' } });
    await until(() => count((payload) => payload.do === 'hold') === 1);
    await host.restart();
    await until(() => count((payload) => payload.do === 'hold') === 2);
    host.release();
    expect((await ended(host, executionArn)).result).toBe('done');
    expect(count((payload) => payload.value === 'first')).toBe(1);
  });

  it('children that had ended are not run again', async () => {
    const items = [
      ...Array.from({ length: 30 }, (_, value) => ({ value })),
      { do: 'hold', value: 30 },
    ];
    const executionArn = await start(host, 'MapLimited', { items, limit: 3 });
    await until(() => invoked().length === 31);
    await eventually(async () =>
      (await mapRunOf(host, executionArn)).itemCounts?.succeeded === 30 ? true : undefined,
    );
    await host.restart();
    await until(() => invoked().length === 32);
    expect((await mapRunOf(host, executionArn)).itemCounts).toMatchObject({
      succeeded: 30,
      running: 1,
      pending: 0,
      total: 31,
    });
    host.release();
    expect((await ended(host, executionArn)).result).toEqual(items.map(({ value }) => value));
    expect(invoked().length).toBe(32);
    expect(count((payload) => payload.value === 30)).toBe(2);
    const { mapRuns } = await host.client.send(new ListMapRunsCommand({ executionArn }));
    expect(mapRuns).toHaveLength(1);
    const types = await eventTypes(host, executionArn);
    expect(types.filter((type) => type === 'MapRunStarted')).toHaveLength(1);
  });

  it('children that had failed still count', async () => {
    const items = [{ do: 'fail' }, { do: 'hold' }, { do: 'fail' }];
    const executionArn = await start(host, 'MapTolerant', {
      items,
      percentage: 50,
      prefix: newName(),
    });
    await until(() => count((payload) => payload.do === 'hold') === 1);
    await host.restart();
    await until(() => count((payload) => payload.do === 'hold') === 2);
    host.release();
    expect((await ended(host, executionArn)).error).toBe('States.ExceedToleratedFailureThreshold');
    expect(count((payload) => payload.do === 'fail')).toBe(2);
  });

  it('a Standard child goes on from the state it was in', async () => {
    const executionArn = await start(host, 'MapStandard', { items: [{ do: 'hold', value: 2 }] });
    await until(() => count((payload) => payload.do === 'hold') === 1);
    await host.restart();
    await until(() => count((payload) => payload.do === 'hold') === 2);
    host.release();
    expect((await ended(host, executionArn)).result).toEqual([2]);
    expect(count((payload) => payload.value === 'first')).toBe(1);
  });

  it('iterations that had ended are not run again', async () => {
    const items = [{ value: 0 }, { value: 1 }, { do: 'hold', value: 2 }];
    const executionArn = await start(host, 'InlineOneByOne', { items });
    await until(() => invoked().length === 3);
    await eventually(async () => {
      const types = await eventTypes(host, executionArn);
      return types.filter((type) => type === 'MapIterationSucceeded').length === 2
        ? true
        : undefined;
    });
    await host.restart();
    await until(() => count((payload) => payload.do === 'hold') === 2);
    host.release();
    expect((await ended(host, executionArn)).result).toEqual([0, 1, 2]);
    expect(invoked().length).toBe(4);
  });

  it('retries that were made still count', async () => {
    const key = newName();
    const input = { do: 'failTimesThenHold', times: 3, error: 'Slow', key };
    const executionArn = await start(host, 'Retrying', input);
    await until(() => invoked().length === 4);
    await host.restart();
    // Three of four retries are used; the call that was interrupted is none.
    await until(() => invoked().length === 5);
    host.failHeld('Slow');
    await until(() => invoked().length === 6);
    host.failHeld('Slow');
    expect((await ended(host, executionArn)).error).toBe('Slow');
    expect(invoked().length).toBe(6);
  });

  it('what was stopped stays stopped', async () => {
    const executionArn = await start(host, 'MapLimited', { items: [{ do: 'never' }], limit: 1 });
    await until(() => invoked().length === 1);
    await host.client.send(new StopExecutionCommand({ executionArn }));
    await host.restart();
    expect((await ended(host, executionArn)).status).toBe('ABORTED');
    expect((await mapRunOf(host, executionArn)).status).toBe('ABORTED');
    expect(invoked().length).toBe(1);
  });

  it('a map whose items have changed meanwhile fails', async () => {
    const key = newName();
    await host.putObject(key, JSON.stringify([{ do: 'hold' }]));
    const executionArn = await start(host, 'MapJson', { key });
    await until(() => invoked().length === 1);
    await host.putObject(key, JSON.stringify([{ do: 'hold' }, {}]));
    await host.restart();
    expect(await ended(host, executionArn)).toMatchObject({
      error: 'States.ItemReaderFailed',
      cause: 'The items are not those that the Map Run began with.',
    });
  });
});
