/** Plays a scenario: people do what it says, things go wrong, and in the end everything comes to rest. */
import { tableKeys } from '../../shared/keys.ts';
import { SECOND_DELETION_SECONDS } from '../../shared/limits.ts';
import { bringOn, control } from './control.ts';
import { create } from './create.ts';
import { deleteUpload, keepEndpoint, watch } from './others.ts';
import { clientOf, ownerId } from './people.ts';
import type { MadeEndpoint, Played, PlayedTask } from './played.ts';
import { readOnAndOff, readTheRest, type HeardByReader } from './readers.ts';
import { unexpected, unlessRefused } from './refusals.ts';
import { NOBODY_SWEEPS, rest, sweep, whileTimePasses } from './rest.ts';
import { OWNERS } from './scenario.ts';
import { passTime } from './world/passTime.ts';
import type { World } from './world/world.ts';

/** How often somebody tries to bring a task on that rests without having come to its end. */
const MOST_PUSHES = 12;

/** @param templates ids of those that each owner has */
export async function play(
  world: World,
  templates: readonly (readonly string[])[],
): Promise<Played> {
  const { scenario, timeline } = world;
  const begun = timeline.now();
  const clients = Array.from({ length: OWNERS }, (_, owner) => clientOf(world, owner));
  const violations: string[] = [];
  for (let owner = 0; owner < OWNERS; owner++) {
    const { taskLimit, documentBudget } = scenario;
    const limits = { taskLimit, ...(documentBudget !== undefined && { documentBudget }) };
    await world.table.update(tableKeys.quota(ownerId(owner)), { set: limits });
  }
  const tasks = scenario.tasks.map((plan): PlayedTask => ({
    plan,
    templateIds: (templates[plan.owner] ?? []).slice(0, plan.templates),
    taskId: undefined,
    dataSourceId: undefined,
    corrected: new Map(),
    deleted: 'no',
    rests: false,
  }));

  /** What somebody does; whatever it meets that is no refusal is a violation. */
  let busy = 0;
  function perform(what: () => Promise<void>): void {
    busy++;
    what()
      .catch((error: unknown) => void violations.push(unexpected(error)))
      .finally(() => busy--);
  }
  const clientFor = ({ owner }: { owner: number }) => {
    const client = clients[owner];
    if (!client) throw new Error(`There is no owner ${owner}.`);
    return client;
  };

  for (const [index, task] of tasks.entries()) {
    timeline.at(begun + task.plan.createdAt, () =>
      perform(() => create(world, clientFor(task.plan), tasks, index)),
    );
  }
  for (const action of scenario.actions) {
    const task = tasks[action.task];
    if (!task) continue;
    timeline.at(begun + action.at, () => {
      for (let i = 0; i < action.times; i++) {
        perform(() => control(world, clientFor(task.plan), task, action));
      }
    });
  }
  for (const [index, visit] of scenario.visits.entries()) {
    timeline.at(begun + visit.at, () =>
      perform(() => watch(world, clientFor(visit), visit, index, tasks)),
    );
  }

  const readers: (() => Promise<HeardByReader>)[] = [];
  for (const reader of scenario.readers) {
    timeline.at(begun + reader.at, () =>
      perform(async () => {
        const taskId = reader.task === undefined ? undefined : tasks[reader.task]?.taskId;
        if (reader.task !== undefined && taskId === undefined) return;
        await unlessRefused(async () => {
          const heard = await readOnAndOff(world, clientFor(reader), reader, taskId);
          readers.push(() => readTheRest(world, clientFor(reader), heard));
        });
      }),
    );
  }
  const endpoints: MadeEndpoint[] = [];
  for (const [index, plan] of scenario.endpoints.entries()) {
    timeline.at(begun + plan.at, () =>
      perform(() =>
        unlessRefused(() => keepEndpoint(world, clientFor(plan), { plan, index }, endpoints)),
      ),
    );
  }
  for (const deletion of scenario.deletions) {
    const task = tasks[deletion.task];
    if (!task) continue;
    timeline.at(begun + deletion.at, () =>
      perform(() => deleteUpload(clientFor(task.plan), task, deletion, templates)),
    );
  }

  await rest(world, () => busy === 0);
  world.calmDown();
  // The last time it came something may have gone wrong; it always comes once more.
  await sweep(world);
  await rest(world, () => busy === 0, NOBODY_SWEEPS);
  // What a person can do about what is left, until nobody has anything to do any more.
  for (let push = 0; push < MOST_PUSHES && tasks.some(({ rests }) => !rests); push++) {
    for (const task of tasks) {
      if (!task.rests) perform(() => bringOn(world, clientFor(task.plan), task));
    }
    await rest(world, () => busy === 0, NOBODY_SWEEPS);
    // Who has nothing to do but to look leaves nothing to mend.
    if (tasks.some(({ rests }) => !rests)) await rest(world, () => busy === 0);
  }
  const heard: HeardByReader[] = [];
  for (const theRest of readers) heard.push(await whileTimePasses(world, theRest));
  // What a frozen process wrote of a deleted task is looked for once more, after an hour.
  await passTime(world, timeline.now() + (SECOND_DELETION_SECONDS + 60) * 1000);
  await sweep(world);
  if (busy > 0) violations.push(`${busy} calls never came to an end.`);
  for (const { rests, taskId } of tasks) {
    if (!rests) violations.push(`Task ${taskId} never comes to its end.`);
  }
  return { tasks, clients, violations, readers: heard, endpoints };
}
