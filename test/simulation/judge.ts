/** Holds what a scenario has come to against what must always hold. */
import * as z from 'zod';
import { objectKeys } from '../../shared/keys.ts';
import { LEASE_MS } from '../../shared/limits.ts';
import { WORKFLOW_ERRORS } from '../../shared/names.ts';
import { ServerMessageSchema } from '../../shared/schemas/stream.ts';
import type { TaskView } from '../../shared/schemas/taskApi.ts';
import { isFinal } from '../../shared/tasks/lifeCycle.ts';
import { readFoundArchive } from './archive.ts';
import type { Furniture } from './furniture.ts';
import { finalCountViolations } from './invariants/counts.ts';
import { outcomeViolations, type ExpectedDocument } from './invariants/outcomes.ts';
import { deletionViolations, leakViolations, restViolations } from './invariants/remains.ts';
import { heardOf, streamViolations } from './invariants/stream.ts';
import { webhookViolations } from './invariants/webhooks.ts';
import type { Played, PlayedTask } from './play.ts';
import { canBeMade, kindOf, MARKER } from './rows.ts';
import type { World } from './world/world.ts';

/** Every violation, as a sentence that names the task. */
export async function judge(world: World, played: Played, furniture: Furniture): Promise<string[]> {
  const violations = [...played.violations, ...world.broken.map((fault) => `${String(fault)}`)];
  for (const [index, task] of played.tasks.entries()) {
    const found = await taskViolations(world, played, task, furniture);
    violations.push(...found.map((text) => `Task ${index + 1}: ${text}`));
  }
  for (const [owner, client] of played.clients.entries()) {
    const usage = await client.getUsage();
    const others = played.tasks.filter(({ plan }) => plan.owner === owner);
    violations.push(...restViolations(usage).map((text) => `Owner ${owner}: ${text}`));
    violations.push(
      ...(await budgetViolations(world, played, others, usage.documents.used)).map(
        (text) => `Owner ${owner}: ${text}`,
      ),
    );
  }
  for (const [connectionId, { messages }] of world.connections) {
    // A teller that broke down in the middle is followed by one that tells the same, word for word.
    const heard = heardOf(
      [...new Set(messages)].map((text) => ServerMessageSchema.parse(JSON.parse(text))),
    );
    violations.push(...streamViolations(heard).map((text) => `${connectionId}: ${text}`));
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
  const isTimely = !skewed.some((name) => name === 'renderShard' || name === 'recordShardFailure');
  const isQuick = scenario.lookMs < SLOWEST_LOOK_MS || scenario.visits.length === 0;
  return isQuiet && isTimely && isQuick
    ? lostLeases.map((process) => `${process} lost its lease although nothing was wrong with it.`)
    : [];
}
/** Some ten looks to a push. */
const SLOWEST_LOOK_MS = LEASE_MS / 10;
const HARMLESS: ReadonlySet<string> = new Set(['start', 'read', 'patch']);

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
  { clients }: Played,
  task: PlayedTask,
  furniture: Furniture,
): Promise<string[]> {
  const { plan, taskId, deleted } = task;
  const client = clients[plan.owner];
  if (!client || taskId === undefined) return [];
  if (deleted === 'surely') {
    const items = liveItems(world)
      .map(({ pk, sk }) => `${String(pk)} ${String(sk)}`)
      .filter((key) => !NOTES.test(key));
    return deletionViolations(taskId, [...items, ...world.objects.keys()]);
  }
  const view = await client.getTask({ taskId });
  if (!isFinal(view.status)) return [];
  const total = plan.rows * plan.templates;
  const archive = await world.objects.head(objectKeys.archive(taskId));
  if (!archive) {
    return view.succeeded > 0 ? [`${view.succeeded} documents are in no archive.`] : [];
  }
  const found = await readFoundArchive(await world.objects.read(objectKeys.archive(taskId)));
  const counts = { ...view, total: view.totalDocuments };
  return [
    ...finalCountViolations(counts, total, found.manifest),
    ...outcomeViolations(expectedOf(task, view, furniture), { status: view.status, ...found }),
    ...(await deliveryViolations(world, client, task, view)),
  ];
}

function expectedOf(
  { plan, corrected }: PlayedTask,
  { status }: TaskView,
  furniture: Furniture,
): ExpectedDocument[] {
  const isWhole = status === 'completed' || status === 'partially_completed';
  const documents: ExpectedDocument[] = [];
  for (let row = 1; row <= plan.rows; row++) {
    const kind = kindOf(plan, row);
    const correction = corrected.get(row);
    for (let template = 0; template < plan.templates; template++) {
      const contents: string[] = [];
      if (canBeMade(kind, template)) contents.push(furniture.contentOf(row, kind, template));
      if (correction) contents.push(furniture.contentOf(row, 'fixed', template));
      documents.push({
        row,
        template: furniture.labels[template] ?? '',
        contents,
        mayFail: !isWhole || (!canBeMade(kind, template) && correction !== 'surely'),
      });
    }
  }
  return documents;
}

/** What the table has not cleared away, or will not soon: items past their expiry are there for nobody. */
const liveItems = ({ table, timeline }: World) =>
  table.items().filter(({ expiresAt }) => Number(expiresAt ?? Infinity) * 1000 > timeline.now());

type Client = Played['clients'][number];

const WebhookBodySchema = z.object({
  type: z.string(),
  data: z.object({ taskId: z.string().optional() }),
});

async function deliveryViolations(
  world: World,
  client: Client,
  { plan, taskId = '' }: PlayedTask,
  { finishedAt }: TaskView,
): Promise<string[]> {
  if (!plan.webhook) return [];
  const deliveries = (await client.listDeliveries({ taskId, limit: 100 })).data;
  const received = world.requests.flatMap(({ headers, body, status }) => {
    const { type, data } = WebhookBodySchema.parse(JSON.parse(body));
    if (data.taskId !== taskId) return [];
    return [{ id: headers['webhook-id'] ?? '', type, body, taken: status >= 200 && status < 300 }];
  });
  return webhookViolations(deliveries, received, finishedAt === null ? 0 : 1, () => true);
}

/** What an owner is told to have used: of tasks that were not deleted, what they made. */
async function budgetViolations(
  world: World,
  { clients }: Played,
  tasks: readonly PlayedTask[],
  used: number,
): Promise<string[]> {
  const { documentBudget: budget } = world.scenario;
  if (budget !== undefined && used > budget) return [`${used} documents are used of ${budget}.`];
  if (tasks.some(({ deleted, taskId }) => deleted !== 'no' || taskId === undefined)) return [];
  let made = 0;
  for (const { taskId = '', plan } of tasks) {
    const view = await clients[plan.owner]?.getTask({ taskId });
    made += view ? view.succeeded : 0;
  }
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
