/** What the API tells in the end, to those who ask. */
import type { Played } from './played.ts';
import { askForResults } from './results.ts';
import type { World } from './world/world.ts';

type Client = Played['clients'][number];
type Answer<Call extends 'getTask' | 'getUsage' | 'listDeliveries'> = Awaited<
  ReturnType<Client[Call]>
>;

/** What is told of a task that is there. */
export interface ToldTask {
  readonly view: Answer<'getTask'>;
  readonly deliveries: Answer<'listDeliveries'>['data'];
  /** Undefined where nobody asks for them. */
  readonly results: Awaited<ReturnType<typeof askForResults>> | undefined;
}

export interface Told {
  /** By id. */
  readonly tasks: ReadonlyMap<string, ToldTask>;
  /** By owner. */
  readonly usage: readonly Answer<'getUsage'>[];
}

/** Asks for everything that is judged. */
export async function askWhatIsTold(world: World, { tasks, clients }: Played): Promise<Told> {
  const told = new Map<string, ToldTask>();
  for (const { taskId, plan, deleted } of tasks) {
    const client = clients[plan.owner];
    if (taskId === undefined || !client || deleted === 'surely') continue;
    const view = await client.getTask({ taskId });
    const { data } = await client.listDeliveries({ taskId, limit: 100 });
    const results = plan.results && (await askForResults(world, client, taskId, plan.results));
    told.set(taskId, { view, deliveries: data, results });
  }
  const usage: Told['usage'][number][] = [];
  for (const client of clients) usage.push(await client.getUsage());
  return { tasks: told, usage };
}
