/** Tasks that wait until somebody answers their token, as Step Functions has them. */
import {
  ListMapRunsCommand,
  SendTaskFailureCommand,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { compileDefinition } from '../../local/stepFunctions/language/definition.ts';
import { ended, eventTypes, eventually, history, start } from './suites/workflowClient.ts';
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

const RETURN = { do: 'return', value: 'not used' };
/** Tokens that the function was given since the test began. */
const tokens = () => host.invocations.slice(calls).map(({ token }) => String(token));
const tokenOf = (value: unknown) =>
  eventually(() => {
    const found = host.invocations.slice(calls).find((payload) => payload.value === value);
    return found && String(found.token);
  });
const firstToken = () => eventually(() => tokens()[0]);
const succeed = (taskToken: string, output: unknown) =>
  host.client.send(new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(output) }));
const submitted = (arn: string) =>
  eventually(async () =>
    (await eventTypes(host, arn)).includes('TaskSubmitted') ? true : undefined,
  );

describe('a task that waits for its token', () => {
  it('gives what the token is answered with, and tells its history so', async () => {
    const arn = await start(host, 'Token', RETURN);
    const token = await firstToken();
    expect(token.length).toBeLessThanOrEqual(2_048);
    await submitted(arn);
    await host.client.send(new SendTaskHeartbeatCommand({ taskToken: token }));
    await succeed(token, { came: ['later'] });
    expect((await ended(host, arn)).result).toEqual({ came: ['later'] });
    expect(await eventTypes(host, arn)).toEqual([
      ...['ExecutionStarted', 'TaskStateEntered', 'TaskScheduled', 'TaskStarted'],
      ...['TaskSubmitted', 'TaskSucceeded', 'TaskStateExited', 'ExecutionSucceeded'],
    ]);
    const events = await history(host, arn);
    expect(events[4]?.taskSubmittedEventDetails).toMatchObject({
      resource: 'invoke.waitForTaskToken',
      resourceType: 'lambda',
    });
    expect(events[5]?.taskSucceededEventDetails?.output).toBe('{"came":["later"]}');
  });

  it('takes an answer that comes before its function has ended', async () => {
    const arn = await start(host, 'Token', { do: 'hold', value: 1 });
    await succeed(await firstToken(), 'soon');
    expect((await ended(host, arn)).result).toBe('soon');
    host.release();
  });

  it('fails at once when its function fails', async () => {
    const arn = await start(host, 'Token', { do: 'fail', value: 1 });
    expect(await ended(host, arn)).toMatchObject({ status: 'FAILED', error: 'Boom' });
    await expect(succeed(await firstToken(), 1)).rejects.toMatchObject({ name: 'TaskTimedOut' });
  });

  it('ends by its time limit, which lies in its data', async () => {
    const arn = await start(host, 'TokenLimited', { ...RETURN, seconds: 5 });
    const token = await firstToken();
    expect(await ended(host, arn)).toMatchObject({ status: 'FAILED', error: 'States.Timeout' });
    expect(await eventTypes(host, arn)).toContain('TaskTimedOut');
    await expect(succeed(token, 1)).rejects.toMatchObject({
      name: 'TaskTimedOut',
      message: "Task Timed Out: 'Provided task does not exist anymore'",
    });
  });

  it('is retried with another token, and catches what it is told', async () => {
    const arn = await start(host, 'TokenRetried', RETURN);
    const first = await firstToken();
    await host.client.send(
      new SendTaskFailureCommand({ taskToken: first, error: 'Again', cause: 'busy' }),
    );
    const second = await eventually(() => tokens()[1]);
    expect(second).not.toBe(first);
    await expect(succeed(first, 1)).rejects.toMatchObject({ name: 'TaskTimedOut' });
    await host.client.send(new SendTaskFailureCommand({ taskToken: second }));
    expect((await ended(host, arn)).result).toMatchObject({ error: { Error: null, Cause: null } });
  });

  it('waits in iterations and in Standard children, and is stopped with its execution', async () => {
    const items = [
      { do: 'return', value: 'a' },
      { do: 'return', value: 'b' },
    ];
    const inline = await start(host, 'TokenInline', { items });
    const [a, b] = [await tokenOf('a'), await tokenOf('b')];
    await succeed(b, 2);
    await succeed(a, 1);
    expect((await ended(host, inline)).result).toEqual([1, 2]);

    calls = host.invocations.length;
    const mapped = await start(host, 'TokenMap', { items });
    await succeed(await tokenOf('a'), 3);
    await succeed(await tokenOf('b'), 4);
    expect((await ended(host, mapped)).result).toEqual([3, 4]);

    calls = host.invocations.length;
    const stopped = await start(host, 'TokenMap', { items });
    const token = await tokenOf('a');
    await host.client.send(new StopExecutionCommand({ executionArn: stopped }));
    await expect(succeed(token, 1)).rejects.toMatchObject({ name: 'TaskTimedOut' });
  });

  it('refuses what is no token, no JSON, and whoever may not', async () => {
    await expect(succeed('dG9rZW4', 1)).rejects.toMatchObject({
      name: 'InvalidToken',
      message: "Invalid Token: 'Invalid token'",
    });
    const arn = await start(host, 'Token', RETURN);
    const token = await firstToken();
    const output = '{';
    await expect(
      host.client.send(new SendTaskSuccessCommand({ taskToken: token, output })),
    ).rejects.toMatchObject({ name: 'InvalidOutput' });
    const nowhere = Buffer.from(
      Buffer.from(token, 'base64url').toString().replace(arn, `${arn}-not`),
    ).toString('base64url');
    await expect(succeed(nowhere, 1)).rejects.toMatchObject({ name: 'TaskDoesNotExist' });
    await succeed(token, 1);
    await expect(succeed(token, 2)).rejects.toMatchObject({ name: 'TaskTimedOut' });
    expect((await ended(host, arn)).result).toBe(1);
  });

  it('is none of an EXPRESS child', () => {
    const { TokenMap } = MACHINES;
    const express: unknown = JSON.parse(JSON.stringify(TokenMap).replace('STANDARD', 'EXPRESS'));
    expect(() => compileDefinition('TokenMap', express)).toThrow(
      'An EXPRESS execution cannot wait for a task token',
    );
  });
});

describe('after a restart', () => {
  it('a task waits on with the same token, and its function is not invoked again', async () => {
    const arn = await start(host, 'TokenLimited', { ...RETURN, seconds: 86_400 });
    const token = await firstToken();
    await submitted(arn);
    await host.restart();
    await succeed(token, 'after');
    expect((await ended(host, arn)).result).toBe('after');
    expect(tokens()).toEqual([token]);
  });

  it('a function that had not ended is invoked again, with the same token', async () => {
    const arn = await start(host, 'Token', { do: 'hold', value: 1 });
    const token = await firstToken();
    await host.restart();
    await eventually(() => tokens()[1]);
    expect(tokens()).toEqual([token, token]);
    await succeed(token, 1);
    await ended(host, arn);
    host.release();
  });

  it('an answer that was taken counts, however soon the engine ends', async () => {
    const arn = await start(host, 'Token', RETURN);
    const token = await firstToken();
    await submitted(arn);
    const answered = succeed(token, 'kept');
    await answered;
    await host.restart();
    expect((await ended(host, arn)).result).toBe('kept');
  });

  it('the time limit counts from when the task began', async () => {
    const arn = await start(host, 'TokenLimited', { ...RETURN, seconds: 86_400 });
    await firstToken();
    await submitted(arn);
    await host.restart();
    host.ringLongAlarms();
    expect(await ended(host, arn)).toMatchObject({ error: 'States.Timeout' });
    expect(tokens()).toHaveLength(1);
  });

  it('Standard children wait on, those that are not taken up yet, too', async () => {
    const items = Array.from({ length: 3 }, (_, value) => ({ do: 'return', value }));
    const arn = await start(host, 'TokenMap', { items });
    await succeed(await tokenOf(0), 0);
    const token = await tokenOf(1);
    await eventually(async () => {
      const { mapRuns } = await host.client.send(new ListMapRunsCommand({ executionArn: arn }));
      return mapRuns?.length === 1 ? true : undefined;
    });
    await host.restart();
    // Until it is taken up it is not there, but not gone either.
    await eventually(async () => {
      try {
        await succeed(token, 1);
        return true;
      } catch (error) {
        expect(error).toMatchObject({ name: 'ServiceUnavailable' });
        return undefined;
      }
    });
    await succeed(await tokenOf(2), 2);
    expect((await ended(host, arn)).result).toEqual([0, 1, 2]);
  });
});
