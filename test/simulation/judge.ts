/** Holds what a scenario has come to against what must always hold. */
import * as z from 'zod';
import { objectKeys } from '../../shared/keys.ts';
import { LEASE_MS } from '../../shared/limits.ts';
import { WORKFLOW_ERRORS } from '../../shared/names.ts';
import { ServerMessageSchema } from '../../shared/schemas/stream.ts';
import type { TaskView } from '../../shared/schemas/taskApi.ts';
import { isFinal } from '../../shared/tasks/lifeCycle.ts';
import { readFoundArchive, type FoundArchive } from './archive.ts';
import type { Furniture } from './furniture.ts';
import { EventItemSchema } from '../../shared/schemas/events.ts';
import { isForClients } from '../../shared/stream/sockets.ts';
import { finalCountViolations } from './invariants/counts.ts';
import { endpointViolations, type FoundEndpoint } from './invariants/endpoints.ts';
import { outcomeViolations, type ExpectedDocument } from './invariants/outcomes.ts';
import { deletionViolations, leakViolations, restViolations } from './invariants/remains.ts';
import {
  endsHeard,
  gapViolations,
  heardOf,
  streamViolations,
  toldCountViolations,
} from './invariants/stream.ts';
import { resultViolations } from './invariants/results.ts';
import { serviceViolations, wasAnswered, type CalledRow } from './invariants/services.ts';
import { webhookViolations } from './invariants/webhooks.ts';
import { readResults, type FoundResultRow } from './results.ts';
import { TASK_WEBHOOK, type MadeEndpoint, type Played, type PlayedTask } from './played.ts';
import { canBeMade, kindOf, MARKER, numberOf, rowsInDocument, type RowKind } from './rows.ts';
import type { TaskPlan } from './scenario.ts';
import type { Told, ToldTask } from './told.ts';
import type { World } from './world/world.ts';

/**
 * Every violation, as a sentence that names the task. Reading archives takes real time, so no virtual time may
 * pass meanwhile: what the API tells was asked for before.
 */
export async function judge(
  world: World,
  played: Played,
  told: Told,
  furniture: Furniture,
): Promise<string[]> {
  const violations = [...played.violations, ...world.broken.map((fault) => `${String(fault)}`)];
  for (const [index, task] of played.tasks.entries()) {
    const found = await taskViolations(world, told, task, index, furniture);
    violations.push(...found.map((text) => `Task ${index + 1}: ${text}`));
  }
  for (const [owner, usage] of told.usage.entries()) {
    const own = played.tasks.filter(({ plan }) => plan.owner === owner);
    violations.push(
      ...[...restViolations(usage), ...budgetViolations(world, told, own, usage)].map(
        (text) => `Owner ${owner}: ${text}`,
      ),
    );
  }
  for (const [connectionId, { messages }] of world.connections) {
    // A teller that broke down in the middle is followed by one that tells the same, word for word.
    const heard = heardOf(
      [...new Set(messages)].map((text) => ServerMessageSchema.parse(JSON.parse(text))),
    );
    violations.push(
      ...[...streamViolations(heard), ...toldCountViolations(heard)].map(
        (text) => `${connectionId}: ${text}`,
      ),
    );
  }
  violations.push(...world.steps.violations, ...world.misused);
  violations.push(...readerViolations(world, played));
  for (const endpoint of played.endpoints) {
    violations.push(...endpointViolations(foundEndpoint(world, played, told, endpoint)));
  }
  violations.push(...leakViolations(MARKER, places(world)));
  violations.push(...faultsOfOurOwn(world), ...leaseViolations(world), ...strangers(world, played));
  return violations;
}

/**
 * Who is well keeps what it works on, unless clocks differ, or a run is ended under it, or every look at the clock takes
 * so long that to tell people takes longer than a lease.
 */
function leaseViolations({ scenario, lambda: { lostLeases, skewed } }: World): string[] {
  const isQuiet = scenario.actions.every(({ control }) => HARMLESS.has(control));
  const isTimely = !skewed.some((name) =>
    ['renderShard', 'callRows', 'recordShardFailure'].includes(name),
  );
  const isQuick = scenario.lookMs < SLOWEST_LOOK_MS || scenario.visits.length === 0;
  return isQuiet && isTimely && isQuick
    ? lostLeases.map((process) => `${process} lost its lease although nothing was wrong with it.`)
    : [];
}
/** Some ten looks to a push. */
const SLOWEST_LOOK_MS = LEASE_MS / 10;
const HARMLESS: ReadonlySet<string> = new Set(['start', 'read', 'patch']);

const NOT_CALLED_BACK = /No callback came/;
const callbackMsOf = ({ callbacks }: TaskPlan) => callbacks && callbacks.timeoutSeconds * 1_000;

/** What rows were sent to a service, and what is there to be known of each in the end. */
function calledViolations(
  { service }: World,
  { plan }: PlayedTask,
  index: number,
  found?: Found,
): string[] {
  if (!plan.calls) return [];
  const { base } = plan;
  const told = new Map(found?.results?.map(({ row, said }) => [row, said]));
  const rows = Array.from({ length: plan.rows }, (_, i) => i + 1);
  return rows.flatMap((row) => {
    const failures = found?.failures.filter((failure) => failure.row === row) ?? [];
    const isMade = found?.manifest.some((line) => line.row === row && line.status === 'succeeded');
    const called: CalledRow = {
      row,
      asked: service.servedFor(index, numberOf(plan, row)),
      callbackMs: callbackMsOf(plan),
      timedOut: failures.some(({ detail }) => NOT_CALLED_BACK.test(detail)),
      // Of an earlier task it may be.
      isMade: base === undefined ? isMade : undefined,
      told: told.get(row),
    };
    return serviceViolations(called, CLOCKS_APART_MS);
  });
}

/** What those who read server-sent events heard wrongly, or not at all. */
function readerViolations(world: World, { readers }: Played): string[] {
  return readers.flatMap(({ taskId, answers, isOver, isWhole }, index) => {
    const heard = answers.flat();
    // Over all tasks there is nothing to go on from: each answer begins anew.
    const parts = taskId === undefined ? answers : [heard];
    const violations = parts.flatMap((part) => streamViolations(part));
    violations.push(...toldCountViolations(heard));
    if (taskId !== undefined) {
      violations.push(...gapViolations(heard, taskId, lastingEvents(world, taskId), isWhole));
      if (isOver && endsHeard(heard, taskId) === 0) {
        violations.push(`There was nothing to come of ${taskId}, whose end was not told.`);
      }
    }
    return violations.map((text) => `Reader ${index + 1}: ${text}`);
  });
}

/** Those that clients are told of; none of a task that was deleted. */
const lastingEvents = (world: World, taskId: string) =>
  liveItems(world)
    .filter(({ pk, sk }) => pk === `TASK#${taskId}` && String(sk).startsWith('EVENT#'))
    .map((item) => EventItemSchema.parse(item))
    .filter(isForClients);

function foundEndpoint(
  world: World,
  { tasks }: Played,
  told: Told,
  { endpointId, plan, url, madeAt }: MadeEndpoint,
): FoundEndpoint {
  const own = tasks.filter(
    ({ plan: { owner }, deleted }) => owner === plan.owner && deleted === 'no',
  );
  const deliveriesTo = (taskId: string | undefined) =>
    (told.tasks.get(taskId ?? '')?.deliveries ?? []).filter(
      (delivery) => delivery.endpointId === endpointId,
    );
  const ended = own.flatMap(({ taskId = '' }) => {
    const { finishedAt } = told.tasks.get(taskId)?.view ?? {};
    const isLater = finishedAt && Date.parse(finishedAt) > madeAt + CLOCKS_APART_MS;
    return isLater ? [taskId] : [];
  });
  return {
    endpointId,
    deliveries: own.flatMap(({ taskId }) => deliveriesTo(taskId)),
    received: receivedAt(world, url),
    closedAt: world.closedAt.get(endpointId),
    endedTasks: ended,
    toldTasks: new Set(ended.filter((taskId) => deliveriesTo(taskId).length > 0)),
  };
}
/** No two clocks of the simulated world differ by more. */
const CLOCKS_APART_MS = 20_000;

/** What came to a server of others. */
function receivedAt({ requests }: World, url: string) {
  return requests
    .filter((request) => request.url === url)
    .map(({ headers, body, status, startedAt }) => {
      const { type, data } = WebhookBodySchema.parse(JSON.parse(body));
      const id = headers['webhook-id'] ?? '';
      return { id, type, body, startedAt, taskId: data.taskId, taken: isTaken(status) };
    });
}
const isTaken = (status: number) => status >= 200 && status < 300;

/** Tasks that are there, and that nobody was told of. */
function strangers(world: World, { tasks }: Played): string[] {
  // Whose creation failed for its client may be there or not.
  if (tasks.some(({ taskId }) => taskId === undefined)) return [];
  const known = new Set(tasks.map(({ taskId }) => `TASK#${taskId}`));
  const found = liveItems(world).filter(({ pk, sk }) => /^TASK#/.test(String(pk)) && sk === 'META');
  return found
    .filter(({ pk }) => !known.has(String(pk)))
    .map(({ pk }) => `${String(pk)} was made, and nobody asked for it.`);
}

/** Errors by these names are what a service that fails, or another worker, leads to. */
const EXPECTED_ERRORS: ReadonlySet<string> = new Set(Object.values(WORKFLOW_ERRORS));

const LoggedErrorSchema = z.object({
  error: z.object({ name: z.string(), message: z.string(), stack: z.array(z.string()) }),
});

/** What the functions logged as errors although nothing around them failed. */
function faultsOfOurOwn({ logged }: World): string[] {
  return logged.flatMap(({ level, message, fields }) => {
    const { data } = LoggedErrorSchema.safeParse(fields);
    if (level !== 'error' || !data || EXPECTED_ERRORS.has(data.error.name)) return [];
    const { name, message: reason, stack } = data.error;
    // Of what a sweep could not do, each is judged by itself.
    if (name === 'AggregateError') return [];
    return [`${message} ${name}: ${reason} ${stack[0]?.trim() ?? ''}`];
  });
}

/**
 * Items that name a task from outside and may outlive it: claims of Idempotency-Keys, notes that hold nothing
 * but its id, dropped when they are due, or looked at, and what a connection had subscribed to.
 */
const NOTES = /^(IDEM#|DUE |(TPL|DS)#\S+ USE#|CONN#\S+ SCOPE#)/;

async function taskViolations(
  world: World,
  told: Told,
  task: PlayedTask,
  index: number,
  furniture: Furniture,
): Promise<string[]> {
  const { plan, taskId, deleted } = task;
  const ofCalls = calledViolations(world, task, index);
  if (taskId === undefined) return ofCalls;
  if (deleted === 'surely') {
    const items = liveItems(world)
      .map(({ pk, sk }) => `${String(pk)} ${String(sk)}`)
      .filter((key) => !NOTES.test(key));
    return [...ofCalls, ...deletionViolations(taskId, [...items, ...world.objects.keys()])];
  }
  const { view, deliveries, results } = told.tasks.get(taskId) ?? {};
  if (!view || !isFinal(view.status)) return ofCalls;
  const total = plan.rows * plan.templates;
  const archive = await world.objects.head(objectKeys.archive(taskId));
  if (!archive) {
    return [
      ...ofCalls,
      ...(view.succeeded > 0 ? [`${view.succeeded} documents are in no archive.`] : []),
    ];
  }
  const found = await readFoundArchive(await world.objects.read(objectKeys.archive(taskId)));
  const counts = { ...view, total: view.totalDocuments };
  const labels = furniture.labels.slice(0, plan.templates);
  const table =
    results && 'text' in results && plan.results
      ? readResults(results.text, plan.results, labels)
      : undefined;
  return [
    ...calledViolations(world, task, index, { ...found, results: table }),
    ...(table ? resultViolations(table, found, plan.rows, labels) : []),
    ...(results && !table ? [`There are no results: ${JSON.stringify(results)}.`] : []),
    ...finalCountViolations(counts, total, found.manifest),
    ...outcomeViolations(expectedOf(world, task, index, view, furniture), {
      status: view.status,
      ...found,
    }),
    ...deliveryViolations(world, task, view, deliveries ?? []),
  ];
}

/** What is there of a task in the end. */
interface Found extends Pick<FoundArchive, 'manifest' | 'failures'> {
  readonly results: readonly FoundResultRow[] | undefined;
}

function expectedOf(
  { service }: World,
  { plan, corrected }: PlayedTask,
  index: number,
  { status }: TaskView,
  furniture: Furniture,
): ExpectedDocument[] {
  const isComplete = status === 'completed' || status === 'partially_completed';
  const documents: ExpectedDocument[] = [];
  for (let row = 1; row <= plan.rows; row++) {
    const kind = kindOf(plan, row);
    const correction = corrected.get(row);
    const rows = rowsInDocument(plan, row);
    const asked = service.servedFor(index, numberOf(plan, row));
    // Of what its service was not asked, or said too late, nothing can be made.
    const mayLackAnswer =
      plan.calls === true &&
      !wasAnswered({ asked, callbackMs: callbackMsOf(plan) }, CLOCKS_APART_MS);
    for (let template = 0; template < plan.templates; template++) {
      const label = furniture.labels[template] ?? '';
      if (rows === 0) {
        documents.push({
          row,
          template: label,
          contents: [],
          mayFail: !isComplete,
          isSkipped: true,
        });
        continue;
      }
      const contentOf = (as: RowKind) =>
        furniture.contentOf({
          number: numberOf(plan, row),
          kind: as,
          template,
          group: plan.groupsOf === undefined ? 0 : rows,
        });
      const contents: string[] = [];
      if (canBeMade(kind, template)) contents.push(contentOf(kind));
      if (correction) contents.push(contentOf('fixed'));
      const mayFail =
        !isComplete || mayLackAnswer || (!canBeMade(kind, template) && correction !== 'surely');
      documents.push({ row, template: label, contents, mayFail });
    }
  }
  return documents;
}

/** What the table has not cleared away, or will not soon: items past their expiry are there for nobody. */
const liveItems = ({ table, timeline }: World) =>
  table.items().filter(({ expiresAt }) => Number(expiresAt ?? Infinity) * 1000 > timeline.now());

const WebhookBodySchema = z.object({
  type: z.string(),
  data: z.object({ taskId: z.string().optional() }),
});

function deliveryViolations(
  world: World,
  { plan, taskId }: PlayedTask,
  { finishedAt }: TaskView,
  deliveries: ToldTask['deliveries'],
): string[] {
  if (!plan.webhook) return [];
  const own = deliveries.filter(({ endpointId }) => endpointId === null);
  const received = receivedAt(world, TASK_WEBHOOK).filter((request) => request.taskId === taskId);
  return webhookViolations(own, received, finishedAt === null ? 0 : 1, () => true);
}

/** What an owner is told to have used: of tasks that were not deleted, what they made. */
function budgetViolations(
  world: World,
  told: Told,
  tasks: readonly PlayedTask[],
  { documents: { used } }: Told['usage'][number],
): string[] {
  const { documentBudget: budget } = world.scenario;
  if (budget !== undefined && used > budget) return [`${used} documents are used of ${budget}.`];
  if (tasks.some(({ deleted, taskId }) => deleted !== 'no' || taskId === undefined)) return [];
  const made = tasks
    .map(({ taskId = '' }) => told.tasks.get(taskId)?.view.succeeded ?? 0)
    .reduce((sum, succeeded) => sum + succeeded, 0);
  return used === made ? [] : [`${used} documents are counted as used, and ${made} were made.`];
}

/** Everything that may not hold the value of a row. */
function* places({ logged, table, workflows, connections, requests }: World) {
  for (const line of logged)
    yield { name: `The log "${line.message}"`, text: JSON.stringify(line) };
  for (const item of table.items()) {
    yield {
      name: `The item ${String(item['pk'])} ${String(item['sk'])}`,
      text: JSON.stringify(item),
    };
  }
  for (const { workflow, name, input, history } of workflows.executions.values()) {
    yield { name: `The history of ${workflow} ${name}`, text: JSON.stringify([input, history]) };
  }
  for (const [name, { messages }] of connections) {
    yield { name: `What ${name} heard`, text: messages.join('\n') };
  }
  for (const { body } of requests) yield { name: 'A webhook', text: body };
}
