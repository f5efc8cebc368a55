import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkArchive } from '../../../cli/files/archiveCheck.ts';
import {
  createTask,
  finishTask,
  linesOf,
  startCliWorld,
  type CliWorld,
} from '../../support/cliWorld.ts';

const ROWS: Record<string, string>[] = [
  { name: 'Ada', city: 'London' },
  { name: 'Grace' },
  { name: 'Linus', city: 'Helsinki' },
];
const NO_TASK = 'task_01JDA4V5P0W8QZ6Y3M2T7R9KXC';

let world: CliWorld;
/** Ended, with row 2 failed. */
let ended: string;
beforeAll(async () => {
  world = await startCliWorld();
  ended = await createTask(world.client, ROWS);
  await finishTask(world.client, ended);
});
afterAll(() => world?.remove());

const there = (name: string) => join(world.folder, name);
const listed = async (folder: string) => (await readdir(there(folder))).sort();

describe('sheaf task download', () => {
  it('saves the archive, called like the task, and replaces nothing', async () => {
    const { name } = await world.client.getTask({ taskId: ended });
    const saved = await world.sheaf(['task', 'download', ended]);
    expect(saved).toMatchObject({ code: 0, err: '' });
    expect(saved.out).toMatch(/\.zip {2}\d+\.\d kB, 2 documents\n$/);
    expect(await checkArchive(there(`${name}.zip`))).toMatchObject({ documents: 2 });
    const again = await world.sheaf(['task', 'download', ended]);
    expect(again).toMatchObject({ code: 2, err: expect.stringContaining('--force') as string });
    const forced = await world.sheaf(['task', 'download', ended, '--force', '--json']);
    expect(linesOf(forced.out)).toMatchObject([{ type: 'saved', documents: 2 }]);
  });

  it('unpacks into a folder, and goes on with what is there', async () => {
    const saved = await world.sheaf(['task', 'download', ended, '--out', 'letters']);
    expect(saved).toMatchObject({ code: 0, err: '' });
    expect(await listed('letters')).toEqual(
      ['Ada-1.docx', 'Linus-3.docx', '_failures.csv', '_manifest.csv'].sort(),
    );
    const again = await world.sheaf(['task', 'download', ended, '--out', 'letters', '--force']);
    expect(again.out).toContain('2 documents, 4 files unchanged');
  });

  it('saves one document', async () => {
    const saved = await world.sheaf(['task', 'download', ended, '--row', '3']);
    expect(saved).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^Linus-3\.docx/) as string,
    });
    const named = ['--row', '1', '--out', 'one/ada.docx'];
    expect(await world.sheaf(['task', 'download', ended, ...named])).toMatchObject({ code: 0 });
    const bytes = await readFile(there('one/ada.docx'));
    expect(bytes.subarray(0, 2).toString()).toBe('PK');
  });

  it.each([
    [[NO_TASK], 1, /There is no/],
    [['--row', '2'], 1, /row 2|not made|document/i],
    [['--row', '0'], 2, /counted from 1/],
    [['--template', 'tpl_01JDA4V5P0W8QZ6Y3M2T7R9KXC'], 2, /add --row/],
    [['--out', 'file/letters'], 2, /nothing can be written there/],
  ])('%j is refused in a sentence', async (args, code, message) => {
    await world.write('file', '');
    const given = args[0] === NO_TASK ? args : [ended, ...args];
    const refused = await world.sheaf(['task', 'download', ...given]);
    expect(refused).toMatchObject({ code, out: '', err: expect.stringMatching(message) as string });
    expect(refused.err).not.toMatch(/\n\s+at /);
  });
});

describe('sheaf task results', () => {
  it('saves the table as what its name ends in', async () => {
    const saved = await world.sheaf(['task', 'results', ended, '--out', 'results.csv']);
    expect(saved).toMatchObject({ code: 0, err: '' });
    const rows = parse(await readFile(there('results.csv')), { bom: true, columns: true });
    expect(rows).toMatchObject([{ name: 'Ada' }, { name: 'Grace' }, { name: 'Linus' }]);
    const usual = await world.sheaf(['task', 'results', ended, '--format', 'jsonl']);
    expect(usual.out).toMatch(/-results\.jsonl {2}/);
    const wrong = await world.sheaf(['task', 'results', ended, '--out', 'results.txt']);
    expect(wrong).toMatchObject({ code: 2, err: expect.stringContaining('.xlsx') as string });
  });
});

describe('sheaf task watch', () => {
  it('shows tasks to their ends, with failures as they happen', async () => {
    const ids = [await createTask(world.client, ROWS), await createTask(world.client, ROWS)];
    const watching = world.sheaf(['task', 'watch', ...ids]);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    for (const taskId of ids) await world.client.startTask({ taskId });
    const { code, out, err } = await watching;
    expect({ code, out }).toEqual({
      code: 3,
      out: ids.map((id) => `${id}  partially_completed\n`).join(''),
    });
    expect(err).toContain(`${ids[0]}: Row 2: MISSING_VALUE. The row has no value`);
    expect(err).toMatch(new RegExp(`${ids[1]} · +\\d+ % · 3 of 3 · 1 failed`));
  });

  it('ends with one that rests, and tells programs of events', async () => {
    const taskId = await createTask(world.client, [{ name: 'Ada', city: 'Bonn' }]);
    await finishTask(world.client, taskId);
    const { code, out } = await world.sheaf(['task', 'watch', taskId, '--json']);
    expect(code).toBe(0);
    const events = linesOf(out);
    expect(events[0]).toMatchObject({ type: 'snapshot', tasks: [{ taskId, progress: 100 }] });
    expect(events.at(-1)).toMatchObject({ taskId, status: 'completed' });
    expect(await world.sheaf(['task', 'watch'])).toMatchObject({
      code: 0,
      out: '',
      err: 'No task is under way.\n',
    });
  });
});
