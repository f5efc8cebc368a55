/** Calls functions at the times that rules name. */
import { randomUUID } from 'node:crypto';
import type { Log } from '../../shared/ports.ts';
import type { ScheduleRule } from '../cloudFormation/scheduleRules.ts';
import { LOCAL_ACCOUNT, LOCAL_REGION } from '../cloudFormation/resourceTypes.ts';
import type { Invoke } from '../lambda/invoke.ts';

/**
 * A rule was there before this start: what it missed meanwhile it makes up for soon, but not while the first task is
 * on its way.
 */
const FIRST_MS = 15_000;

/** What a rule sends (EventBridge User Guide, "Events from scheduled rules"). */
const scheduledEvent = (rule: ScheduleRule, now: number) => ({
  version: '0',
  id: randomUUID(),
  'detail-type': 'Scheduled Event',
  source: 'aws.events',
  account: LOCAL_ACCOUNT,
  time: new Date(now).toISOString().replace(/\.\d+Z$/, 'Z'),
  region: LOCAL_REGION,
  resources: [rule.arn],
  detail: {},
});

export interface ScheduleOptions {
  readonly rules: readonly ScheduleRule[];
  readonly invoke: Invoke;
  readonly log: Pick<Log, 'error'>;
  readonly firstMs?: number;
}

/** Begins to call; what is returned ends it. A call that is still under way is not made a second time. */
export function startSchedules({
  rules,
  invoke,
  log,
  firstMs = FIRST_MS,
}: ScheduleOptions): () => void {
  const timers = new Set<NodeJS.Timeout>();
  const busy = new Set<string>();
  const call = async (rule: ScheduleRule, functionArn: string) => {
    if (busy.has(functionArn)) return;
    busy.add(functionArn);
    const event = JSON.stringify(scheduledEvent(rule, Date.now()));
    const result = await invoke(functionArn, event);
    busy.delete(functionArn);
    if (!result.ok) log.error('A scheduled function failed.', { functionArn, error: result.error });
  };
  for (const rule of rules) {
    const callAll = () => void Promise.all(rule.functionArns.map((arn) => call(rule, arn)));
    const first = setTimeout(
      () => {
        timers.delete(first);
        callAll();
        timers.add(setInterval(callAll, rule.everyMs).unref());
      },
      Math.min(firstMs, rule.everyMs),
    ).unref();
    timers.add(first);
  }
  return () => {
    for (const timer of timers) clearTimeout(timer);
  };
}
