/** What people do besides: they watch, keep endpoints, and delete what tasks are made from. */
import type { SheafClient } from '../../client/client.ts';
import { close, sayGoodbye, subscribe } from './people.ts';
import type { MadeEndpoint, PlayedTask } from './played.ts';
import { isRefusal, unlessRefused } from './refusals.ts';
import type { EndpointPlan, UploadDeletion, Visit } from './scenario.ts';
import { endpointUrl, type World } from './world/world.ts';

/** Makes an endpoint, and deletes it when its time has come. */
export async function keepEndpoint(
  world: World,
  client: SheafClient,
  { plan, index }: { readonly plan: EndpointPlan; readonly index: number },
  made: MadeEndpoint[],
): Promise<void> {
  const url = endpointUrl(index);
  const { endpointId } = await client.createWebhookEndpoint(
    { body: { url } },
    { idempotencyKey: `endpoint-${index}` },
  );
  made.push({ endpointId, plan, url, madeAt: world.timeline.now() });
  if (plan.deletedAfter === undefined) return;
  await world.pause(plan.deletedAfter);
  await client.deleteWebhookEndpoint({ endpointId });
}

/** Deletes what a task is made from, while it may be at work. */
export async function deleteUpload(
  client: SheafClient,
  { plan, dataSourceId }: PlayedTask,
  { template }: UploadDeletion,
  templates: readonly (readonly string[])[],
): Promise<void> {
  const templateId = template === undefined ? undefined : templates[plan.owner]?.[template];
  await unlessRefused(async () => {
    if (templateId !== undefined) await client.deleteTemplate({ templateId });
    else if (dataSourceId !== undefined) await client.deleteDataSource({ dataSourceId });
  });
}

/** Somebody who subscribes, hears for a while, and leaves. */
export async function watch(
  world: World,
  client: SheafClient,
  visit: Visit,
  index: number,
  tasks: readonly PlayedTask[],
): Promise<void> {
  const task = visit.task === undefined ? undefined : tasks[visit.task];
  if (task && task.taskId === undefined) return;
  const connectionId = `connection-${index + 1}`;
  try {
    const { websocketUrl } = await client.createTicket();
    const ticket = new URL(websocketUrl).searchParams.get('ticket') ?? '';
    if (!(await subscribe(world, visit.owner, connectionId, ticket, task?.taskId))) return;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return;
  }
  world.trace.note(`visitor ${index}`, 'has connected');
  await world.pause(visit.stays);
  close(world, connectionId);
  world.trace.note(`visitor ${index}`, 'has left');
  if (visit.goodbyeAfter === undefined) return;
  await world.pause(visit.goodbyeAfter);
  await sayGoodbye(world, visit.owner, connectionId);
}
