/** Rules that call functions at their times: what of EventBridge the local cloud does. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { scheduleRule } from '../../../../local/cloudFormation/scheduleRules.ts';
import { startSchedules } from '../../../../local/eventBridge/schedules.ts';
import type { InvocationResult } from '../../../../local/lambda/invoke.ts';

const ARN = 'arn:aws:lambda:us-east-1:000000000000:function:Sweeper';

const rule = (properties: Record<string, unknown> = {}) =>
  scheduleRule({
    logicalId: 'EveryMinute',
    type: 'AWS::Events::Rule',
    ref: 'EveryMinute',
    arn: 'arn:aws:events:us-east-1:000000000000:rule/EveryMinute',
    properties: {
      ScheduleExpression: 'rate(1 minute)',
      Targets: [{ Arn: ARN, Id: 'Target0' }],
      ...properties,
    },
  });

describe('a rule', () => {
  it.each([
    ['rate(1 minute)', 60_000],
    ['rate(5 minutes)', 300_000],
    ['rate(2 hours)', 7_200_000],
    ['rate(1 day)', 86_400_000],
  ])('of %s calls every so many ms', (ScheduleExpression, everyMs) => {
    expect(rule({ ScheduleExpression })).toMatchObject({ everyMs, functionArns: [ARN] });
  });

  it('that is disabled calls nobody', () => {
    expect(rule({ State: 'DISABLED' }).functionArns).toEqual([]);
  });

  it.each([
    [{ ScheduleExpression: 'cron(0 12 * * ? *)' }],
    [{ ScheduleExpression: 'rate(0 minutes)' }],
    [{ EventPattern: { source: ['aws.s3'] } }],
    [{ Targets: [{ Arn: ARN, Id: 'a', RetryPolicy: {} }] }],
  ])('that wants what the local cloud does not do is refused: %j', (properties) => {
    expect(() => rule(properties)).toThrow();
  });
});

describe('schedules', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function started(answer: () => Promise<InvocationResult>) {
    const events: unknown[] = [];
    const errors: unknown[] = [];
    const stop = startSchedules({
      rules: [rule()],
      invoke(functionArn, payload) {
        const event: unknown = JSON.parse(payload);
        events.push({ functionArn, event });
        return answer();
      },
      log: { error: (...line) => void errors.push(line) },
    });
    return { events, errors, stop };
  }

  it('make up soon for what they missed, and then keep their times, until they are ended', async () => {
    const { events, stop } = started(async () => ({ ok: true, payload: 'null' }));
    await vi.advanceTimersByTimeAsync(14_999);
    expect(events).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(1);
    expect(events).toMatchObject([
      {
        functionArn: ARN,
        event: {
          source: 'aws.events',
          'detail-type': 'Scheduled Event',
          resources: ['arn:aws:events:us-east-1:000000000000:rule/EveryMinute'],
        },
      },
    ]);
    await vi.advanceTimersByTimeAsync(120_000);
    expect(events).toHaveLength(3);
    stop();
    await vi.advanceTimersByTimeAsync(600_000);
    expect(events).toHaveLength(3);
  });

  it('do not call a second time what has not answered, and tell what failed', async () => {
    let answer: (result: InvocationResult) => void = () => undefined;
    const { events, errors, stop } = started(() => new Promise((resolve) => (answer = resolve)));
    await vi.advanceTimersByTimeAsync(15_000 + 180_000);
    expect(events).toHaveLength(1);
    answer({ ok: false, error: { errorType: 'Error', errorMessage: 'x', trace: [] } });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(events).toHaveLength(2);
    expect(errors).toHaveLength(1);
    stop();
  });
});
