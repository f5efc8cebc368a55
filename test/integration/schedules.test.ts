/** Tasks that start later, over restarts of the local cloud. */
import { afterAll, expect, it } from 'vitest';
import { createClient } from '../../cli/target/client.ts';
import { followTask } from '../../client/followTask.ts';
import { docx } from '../support/docx.ts';
import { startTestCloud, type TestCloud } from '../support/localCloud.ts';

let cloud: TestCloud | undefined;
afterAll(() => cloud?.remove());

it(
  'start when their time has come, also when nobody was there then',
  { timeout: 240_000 },
  async () => {
    cloud = await startTestCloud();
    const first = createClient(cloud);
    const { templateId } = await first.uploadTemplate('letter.docx', docx('Dear {name}'));
    const create = (inMs: number) =>
      first.createTask({
        body: {
          templateIds: [templateId],
          data: [{ name: 'Ada' }],
          startAt: new Date(Date.now() + inMs).toISOString(),
        },
      });
    const late = await create(3_000);
    const never = await create(4_000);
    const soon = await create(30_000);
    expect(late).toMatchObject({ status: 'scheduled', startedAt: null });
    await first.cancelTask({ taskId: never.taskId });
    await cloud.end('SIGKILL');
    // The time of the first passes while nobody is there.
    await new Promise((resolve) =>
      setTimeout(resolve, Date.parse(late.startAt ?? '') - Date.now()),
    );

    cloud = await cloud.restart('SIGKILL');
    const client = createClient(cloud);
    for (const { taskId } of [late, soon]) {
      const final = await followTask(client, taskId, undefined, { progress: () => undefined });
      expect(final).toMatchObject({ status: 'completed', succeeded: 1 });
    }
    const started = await client.getTask({ taskId: soon.taskId });
    expect(Date.parse(started.startedAt ?? '')).toBeGreaterThanOrEqual(
      Date.parse(soon.startAt ?? ''),
    );
    expect(await client.getTask({ taskId: never.taskId })).toMatchObject({ status: 'cancelled' });
  },
);
