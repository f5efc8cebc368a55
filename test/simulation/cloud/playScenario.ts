/** A scenario is played on a local cloud, and what is left of it is held to the invariants. */
import { isFinal } from '../../../shared/tasks/lifeCycle.ts';
import { ENDING_EVENT_TYPES } from '../../../shared/schemas/webhookEvents.ts';
import { collect } from '../../support/collect.ts';
import { deletionViolations, leakViolations, restViolations } from '../invariants/remains.ts';
import { webhookViolations } from '../invariants/webhooks.ts';
import type { Arena } from './arena.ts';
import { attempt, persist, sleep } from './attempts.ts';
import { createDice } from '../random.ts';
import { openHookReceiver, type HookReceiver } from './hookReceiver.ts';
import { filesBeside, mayHoldValues, outlivesItsTask, readKept } from './inspectFolder.ts';
import { failedForFaults, inspectTask, type Inspected } from './inspectTask.ts';
import type { Ledger } from './ledger.ts';
import { createPlayedTask, type PlayedTask } from './playedTask.ts';
import type { Scenario } from './scenario.ts';
import { TEMPLATE_FILES } from './taskRows.ts';
import { watch, type Watcher } from './watchers.ts';

/** A slot that a process left behind is found after 90 s, by a sweep that comes once a minute. */
const REST_MS = 200_000;
/** A task that has not come to its end so long after the last fault hangs: it may wait for such a slot. */
const END_MS = REST_MS + 60_000;
/** What a deletion left is the next sweep's. */
const SWEPT_MS = 150_000;
const RETRIES = 4;
const ANSWER_MS = 60_000;

export interface PlayOptions {
  /** Whether every task is deleted at the end, and every template; otherwise some tasks are. */
  readonly deletesAll: boolean;
}

/** Plays it; what should not be is in the ledger. Never rejects. */
export async function playScenario(
  arena: Arena,
  scenario: Scenario,
  ledger: Ledger,
  { deletesAll }: PlayOptions,
): Promise<void> {
  const names = scenario.tasks.map((_, index) => `s${scenario.seed}t${index}`);
  const dice = createDice(scenario.seed ^ 0x5eaf);
  const receiver = await openHookReceiver(names, dice);
  ledger.count('runs');
  try {
    await play(arena, scenario, ledger, names, receiver, deletesAll);
  } catch (error) {
    ledger.violation(`The run broke: ${error instanceof Error ? error.stack : String(error)}`);
  } finally {
    await receiver.close();
  }
}

async function play(
  arena: Arena,
  scenario: Scenario,
  ledger: Ledger,
  names: readonly string[],
  receiver: HookReceiver,
  deletesAll: boolean,
): Promise<void> {
  const { client } = arena.cloud;
  const dice = createDice(scenario.seed + 1);
  const marker = `zq${scenario.seed.toString(36)}mark`;
  const templateIds: string[] = [];
  for (const { label, bytes } of TEMPLATE_FILES) {
    templateIds.push((await client.uploadTemplate(`${label}.docx`, bytes)).templateId);
  }
  const world = {
    client,
    ledger,
    templateIds,
    marker,
    webhookUrl: (name: string) => receiver.url(name),
  };

  // ── While things go wrong ──
  receiver.fail(scenario.webhookFailures);
  const begunAt = performance.now();
  const downBefore = arena.downMs();
  /** The clock of a run stands still while the cloud is down: what is planned is to meet it at work. */
  const until = async (atMs: number) => {
    const left = () => begunAt + atMs + (arena.downMs() - downBefore) - performance.now();
    while (left() > 0) await sleep(left());
  };
  const watchers: Watcher[] = [];
  const passing: Promise<void>[] = [];
  const creations = scenario.tasks.map(async (plan, index) => {
    await until(plan.atMs);
    return createPlayedTask(world, plan, names[index] ?? '');
  });
  const playing = creations.map(async (creation) => (await creation).play());
  const watching = scenario.watchers.map(async (plan) => {
    await until(plan.atMs);
    const task = plan.task === undefined ? undefined : await creations[plan.task];
    const watcher = watch({ client, ledger }, plan, task);
    watchers.push(watcher);
    if (plan.forMs !== undefined) passing.push(sleep(plan.forMs).then(() => watcher.leave()));
  });
  const storm = scenario.faults.map(async (fault) => {
    await until(fault.atMs);
    await arena.inject(fault);
  });
  await Promise.all([...playing, ...watching, ...storm]);
  const tasks = await Promise.all(creations);

  // ── From here on nothing goes wrong ──
  ledger.note('calm');
  receiver.fail(0);
  await arena.calm();
  const inspected: Inspected = { client, ledger, dice, templateIds };
  await Promise.all(tasks.map((task) => settle(inspected, task)));
  ledger.note('every task has come to its end');
  await Promise.all(tasks.map((task) => inspectWebhooks(inspected, task, receiver)));
  await Promise.all([...passing, ...watchers.map((watcher) => watcher.leave())]);
  ledger.note('every webhook is delivered');
  await inspectUsage(inspected);
  ledger.note('nobody has a slot');
  await inspectValues(arena, ledger, marker, watchers);

  for (const task of tasks) if (deletesAll || dice.happens(0.5)) await task.delete();
  if (deletesAll) {
    for (const { dataSourceId } of tasks) {
      if (dataSourceId !== undefined) await client.deleteDataSource({ dataSourceId });
    }
    for (const templateId of templateIds) await client.deleteTemplate({ templateId });
  }
  await inspectDeleted(arena, ledger, tasks);
}

/** Has a task come to its end, and judges it. */
async function settle(world: Inspected, task: PlayedTask): Promise<void> {
  const { ledger, client } = world;
  let view = await task.bringToEnd(END_MS);
  for (let retries = 0; view && isFinal(view.status); retries++) {
    const hasFaults = view.status !== 'cancelled' && (await failedForFaults(world, task, view));
    await inspectTask(world, task, view, !hasFaults || retries === RETRIES);
    if (view.status === 'cancelled' && !task.cancelAsked) {
      ledger.violation(`${task.name} is cancelled, and nobody cancelled it.`);
    }
    if (!hasFaults) break;
    if (retries === RETRIES) {
      const { code, message } = view.error ?? { code: 'none', message: '' };
      ledger.violation(
        `${task.name} still lacks documents after ${RETRIES} retries: ${view.status}, ${view.failed} failed, ${code} ${message}`,
      );
      break;
    }
    ledger.count('retries after faults');
    ledger.note(`${task.name} is ${view.status} for a fault, and retried`);
    view = await task.retryFailed(END_MS);
  }
  if (view) {
    const last = await attempt(() => client.getProgress({ taskId: task.taskId }));
    if (last.kind === 'done' && last.value.status !== view.status) {
      ledger.violation(`${task.name} is ${view.status}, and then ${last.value.status}.`);
    }
  }
}

const isEnd = (type: string) => ENDING_EVENT_TYPES.some((ending) => ending === type);

async function inspectWebhooks(
  { client, ledger }: Inspected,
  { plan, name, taskId, deletion }: PlayedTask,
  receiver: HookReceiver,
): Promise<void> {
  if (!plan.hasWebhook || deletion !== 'none') return;
  const deliveriesOf = () => collect(client.each('listDeliveries', { taskId, limit: 100 }));
  const log = await collect(client.each('readLog', { taskId, limit: 100 }));
  const ends = log.filter(({ type }) => isEnd(type)).length;
  const until = performance.now() + ANSWER_MS;
  // The next attempt may be hours away: whoever wants it sooner replays it.
  const replayed = new Set<string>();
  let deliveries = await deliveriesOf();
  while (performance.now() < until) {
    const open = deliveries.filter(({ status }) => status !== 'delivered');
    if (open.length === 0 && deliveries.length >= ends) break;
    for (const { deliveryId, nextAttemptAt, status } of open) {
      const isFar = Date.parse(nextAttemptAt ?? '') > Date.now() + 5_000;
      if (replayed.has(deliveryId) || !(isFar || status === 'failed')) continue;
      await attempt(() => client.replayDelivery({ taskId, deliveryId }));
      replayed.add(deliveryId);
      ledger.count('webhooks replayed');
    }
    await sleep(300);
    deliveries = await deliveriesOf();
  }
  const received = receiver.received(name);
  ledger.count('webhooks received', received.length);
  for (const sentence of webhookViolations(deliveries, received, ends, isEnd)) {
    ledger.violation(`${name}: ${sentence}`);
  }
}

/** Looks until nothing is left to tell, or the time is over. */
async function settled(look: () => Promise<string[]>, forMs: number): Promise<string[]> {
  const until = performance.now() + forMs;
  for (;;) {
    const violations = await look();
    if (violations.length === 0 || performance.now() > until) return violations;
    await sleep(500);
  }
}

async function inspectUsage({ client, ledger }: Inspected): Promise<void> {
  const violations = await settled(async () => {
    const usage = await persist('The usage', () => client.getUsage(), ANSWER_MS);
    return usage.kind === 'done' ? restViolations(usage.value) : [usage.detail];
  }, REST_MS);
  violations.forEach((sentence) => ledger.violation(sentence));
}

/** No value of a row is anywhere but where rows and documents are. */
async function inspectValues(
  { dataDir, printed }: Arena,
  ledger: Ledger,
  marker: string,
  watchers: readonly Watcher[],
): Promise<void> {
  const kept = await readKept(dataDir);
  const places = [
    ...kept.items.map(({ name, text }) => ({ name: `The item ${name}`, text })),
    ...filesBeside(dataDir).map(({ name, text }) => ({ name: `The file ${name}`, text })),
    ...watchers.map(({ heard }) => ({ name: 'What a watcher heard', text: heard() })),
    { name: 'What the processes printed', text: printed() },
  ];
  for (const key of kept.objectKeys.filter((one) => !mayHoldValues(one))) {
    places.push({ name: `The object ${key}`, text: await kept.object(key).catch(() => '') });
  }
  kept.close();
  ledger.count('places searched for values', places.length);
  for (const sentence of leakViolations(marker, places)) ledger.violation(sentence);
}

async function inspectDeleted(
  { dataDir }: Arena,
  ledger: Ledger,
  tasks: readonly PlayedTask[],
): Promise<void> {
  const deleted = tasks.filter(({ deletion }) => deletion === 'done');
  ledger.count('tasks deleted', deleted.length);
  const violations = await settled(async () => {
    const kept = await readKept(dataDir);
    kept.close();
    const keys = kept.items.map(({ name }) => name).filter((name) => !outlivesItsTask(name));
    return deleted.flatMap(({ taskId }) =>
      deletionViolations(taskId, [...keys, ...kept.objectKeys]),
    );
  }, SWEPT_MS);
  violations.forEach((sentence) => ledger.violation(sentence));
}
