import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { checkArchive } from '../../../cli/files/archiveCheck.ts';
import { takeLock } from '../../../cli/files/lock.ts';
import { docx } from '../../support/docx.ts';
import { linesOf, startCliWorld, type CliWorld } from '../../support/cliWorld.ts';

let world: CliWorld;
const at = (name: string) => join(world.folder, name);
beforeAll(async () => {
  world = await startCliWorld();
  await world.write('letter.docx', docx('Dear {name} of {city}'));
  await world.write('people.csv', 'name,city\nAnn,Bonn\nBob,Rome\nCy,Oslo\n');
  await world.write('gaps.csv', 'name,city\nAnn,Bonn\n,Rome\nCy,Oslo\n');
}, 120_000);
afterAll(() => world.remove());

const JOB = ['--template', 'letter.docx', '--data', 'people.csv'];
const generate = (args: readonly string[], options = {}) =>
  world.sheaf(['generate', ...args], options);

describe('sheaf generate', () => {
  it('makes an archive, and says on standard output what was made alone', async () => {
    const ran = await generate([...JOB, '--out', 'letters.zip', '--name', '{city}/{name}']);
    expect(ran).toMatchObject({ code: 0 });
    expect(ran.out).toMatch(/^Documents {2}3 in .*\nArchive {4}letters\.zip · .*checked\n$/);
    expect(ran.err).toMatch(/Template {2}letter\.docx · 2 tags\nData {6}people\.csv · 3 rows/);
    const { documents, reports } = await checkArchive(at('letters.zip'));
    expect(documents).toBe(3);
    expect(reports).toContain('_manifest.csv');
    expect((await readdir(world.folder)).filter((name) => /part|lock/.test(name))).toEqual([]);
  }, 60_000);

  it('does not replace what is there, unless it is told to', async () => {
    await world.write('there.zip', 'mine');
    const refused = await generate([...JOB, '--out', 'there.zip']);
    expect(refused).toMatchObject({ code: 2, out: '' });
    expect(refused.err).toMatch(/there\.zip: there is such a file already\. --force replaces it/);
    expect(await readFile(at('there.zip'), 'utf8')).toBe('mine');
    expect(await generate([...JOB, '--out', 'there.zip', '--force'])).toMatchObject({ code: 0 });
    expect((await checkArchive(at('there.zip'))).documents).toBe(3);
  }, 60_000);

  it('ends with 3 where rows failed, with their causes in summary and reports', async () => {
    const args = ['--template', 'letter.docx', '--data', 'gaps.csv', '--missing', 'error'];
    const ran = await generate([
      ...args,
      ...['--out', 'gaps.zip', '--report', 'gaps.html', '--progress-file', 'progress.json'],
    ]);
    expect(ran.code).toBe(3);
    expect(ran.out).toMatch(/Failed {5}1 document.*\n +MISSING_VALUE, 1 row \(2\): .*name/);
    const page = await readFile(at('gaps.html'), 'utf8');
    expect(page).toContain('<svg');
    expect(page).toContain('MISSING_VALUE');
    expect(page).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org)/);
    const progress: unknown = JSON.parse(await readFile(at('progress.json'), 'utf8'));
    expect(progress).toMatchObject({
      status: 'ended',
      exitCode: 3,
      tasks: [{ job: 'gaps', status: 'in part', made: 2, failed: 1, saved: ['gaps.zip'] }],
    });
    for (const report of ['gaps.json', 'gaps.csv']) {
      await generate([
        ...args,
        '--out',
        'gaps.zip',
        '--force',
        '--report',
        report.replace('gaps', 'r'),
      ]);
    }
    expect(JSON.parse(await readFile(at('r.json'), 'utf8'))).toMatchObject({
      totals: { made: 2, failed: 1 },
      tasks: [{ causes: [{ code: 'MISSING_VALUE', count: 1, rows: [2] }] }],
    });
    expect(await readFile(at('r.csv'), 'utf8')).toMatch(/gaps,task_\w+,failure,MISSING_VALUE,1,2,/);
  }, 120_000);

  it('tells programs line by line', async () => {
    const ran = await generate([...JOB, '--out', 'json.zip', '--json', '--quiet']);
    expect(ran).toMatchObject({ code: 0, err: '' });
    const types = linesOf(ran.out).map((line) => z.object({ type: z.string() }).parse(line).type);
    expect(types).toEqual(
      expect.arrayContaining(['template', 'data', 'task', 'progress', 'saved', 'ended']),
    );
    expect(types.at(-1)).toBe('summary');
  }, 60_000);

  it('writes documents as files, and makes only what changed the next time', async () => {
    await world.write('staff.csv', 'name,city\nAnn,Bonn\nBob,Rome\n');
    const args = [
      '--template',
      'letter.docx',
      '--data',
      'staff.csv',
      '--out',
      'staff',
      '--name',
      '{city}/{name}',
    ];
    expect(await generate([...args, '--skip-existing'])).toMatchObject({ code: 0 });
    const before = await stat(at('staff/Bonn/Ann (1).docx'));
    await world.write('staff.csv', 'name,city\nAnn,Bonn\nBob,Rome\nCy,Oslo\n');
    const again = await generate([...args, '--skip-existing']);
    expect(again.code).toBe(0);
    expect(again.out).toMatch(/Documents {2}3 in .*2 taken over unchanged/);
    expect((await stat(at('staff/Bonn/Ann (1).docx'))).mtimeMs).toBe(before.mtimeMs);
    expect((await readdir(at('staff'))).sort()).toEqual(
      expect.arrayContaining(['Bonn', 'Oslo', 'Rome', '_manifest.csv']),
    );
    const refused = await generate(args);
    expect(refused).toMatchObject({ code: 2 });
    expect(refused.err).toMatch(/the folder is not empty\. --skip-existing goes on/);
  }, 120_000);

  it('makes a task of each table of a folder, side by side', async () => {
    await mkdir(at('months'));
    await world.write('months/jan.csv', 'name,city\nAnn,Bonn\n');
    await world.write('months/feb.csv', 'name,city\nBob,Rome\nCy,Oslo\n');
    await world.write('months/~$feb.csv', 'x');
    await world.write('months/notes.txt', 'x');
    const ran = await generate([
      ...['--template', 'letter.docx', '--input-dir', 'months', '--out', 'made/{input}.zip'],
    ]);
    expect(ran).toMatchObject({ code: 0 });
    expect(ran.out).toMatch(/^Tasks {6}2\nDocuments {2}3 in/);
    expect(ran.err).toMatch(/notes\.txt left out: no tables/);
    expect((await checkArchive(at('made/feb.zip'))).documents).toBe(2);
    expect((await checkArchive(at('made/jan.zip'))).documents).toBe(1);
    const inside = await generate([
      '--template',
      'letter.docx',
      '--input-dir',
      'months',
      '--out',
      'months/out',
    ]);
    expect(inside).toMatchObject({ code: 2 });
    const one = await generate([
      '--template',
      'letter.docx',
      '--input-dir',
      'months',
      '--out',
      'all.zip',
    ]);
    expect(one).toMatchObject({ code: 2, err: expect.stringMatching(/Write \{input\}/) as string });
  }, 120_000);

  it('takes lists of templates, and rows from standard input', async () => {
    await world.write('note.docx', docx('Note for {name}'));
    await world.write('list.txt', '# templates\nletter.docx\n\nnote.docx\n');
    const listed = await generate([
      '--data',
      'people.csv',
      '--file-list',
      'list.txt',
      '--out',
      'byTemplate',
    ]);
    expect(listed).toMatchObject({ code: 0 });
    expect(await readdir(at('byTemplate/note'))).toContain('note-1.docx');
    const piped = await generate(
      ['--template', 'letter.docx', '--data', '-', '--out', 'piped.zip'],
      { input: '[{"name":"Ann","city":"Bonn"},{"name":"Bob","city":"Rome"}]' },
    );
    expect(piped).toMatchObject({ code: 0 });
    expect((await checkArchive(at('piped.zip'))).documents).toBe(2);
    const empty = await generate(['--template', 'letter.docx', '--data', '-'], { input: '' });
    expect(empty).toMatchObject({ code: 2, err: expect.stringMatching(/no rows came/) as string });
  }, 120_000);

  it('checks without making anything, and makes samples', async () => {
    const before = await readdir(world.folder);
    const dry = await generate([...JOB, '--dry-run']);
    expect(dry).toMatchObject({ code: 0 });
    expect(dry.out).toMatch(/Checked {2}3 rows, for 3 documents\nFound +0 errors/);
    const faulty = await generate([
      ...['--template', 'letter.docx', '--data', 'gaps.csv', '--missing', 'error', '--dry-run'],
    ]);
    expect(faulty).toMatchObject({ code: 4 });
    const strict = await generate([
      ...['--template', 'letter.docx', '--data', 'gaps.csv', '--missing', 'error'],
      ...['--check', 'strict', '--out', 'strict.zip'],
    ]);
    expect(strict).toMatchObject({ code: 4 });
    expect(strict.err).toMatch(/Nothing was made: the check/);
    expect(await readdir(world.folder)).toEqual(before);
    const sampled = await generate([...JOB, '--sample', '--out', 'samples']);
    expect(sampled).toMatchObject({ code: 0 });
    expect(sampled.out).toMatch(/^ROW +DOCUMENT +WHY\n/);
    expect((await readdir(at('samples'))).length).toBeGreaterThan(0);
  }, 120_000);

  it('has settings in a file', async () => {
    await mkdir(at('configured'));
    await world.write(
      'configured/sheaf.yaml',
      "template: ../letter.docx\ndata: ../people.csv\nout: made.zip\nname: '{name}'\n",
    );
    const ran = await generate(['--rows', '1-2'], { cwd: at('configured') });
    expect(ran).toMatchObject({ code: 0 });
    expect(ran.err).toMatch(/Settings {2}.*sheaf\.yaml/);
    expect((await checkArchive(at('configured/made.zip'))).documents).toBe(2);
  }, 60_000);
});

describe('what cannot be followed is told with what to do', () => {
  it.each([
    [
      ['--template', 'nothing.docx', '--data', 'people.csv'],
      /nothing\.docx: there is no such file/,
    ],
    [['--template', 'people.csv', '--data', 'letter.docx'], /swap them/],
    [['--template', 'letter.docx'], /Name the rows with --data/],
    [['--data', 'people.csv'], /Name a template with --template/],
    [[...JOB, '--out', 'letter.docx'], /this is a file\. Name a folder, or an archive/],
    [[...JOB, '--tempalte', 'x'], /unknown option '--tempalte'\n\(Did you mean --template\?\)/],
    [[...JOB, '--quiet', '--verbose'], /cannot be used with/],
    [[...JOB, '--dry-run', '--sample'], /do not go together/],
    [[...JOB, '--resume', 'task_01JDA4V5P0W8QZ6Y3M2T7R9KXC'], /as it was made/],
    [[...JOB, '--skip-existing', '--out', 'a.zip'], /for documents in a folder/],
    [[...JOB, '--budget', '5'], /for row steps/],
    [[...JOB, '--parallel', 'x'], /--parallel is "x"; it must be a whole number/],
    [[...JOB, '--delimiter', ';;'], /must be one character/],
    [[...JOB, '--out', 'people.csv/x.zip'], /nothing can be written there/],
  ])('%j', async (args, message) => {
    const ran = await generate(args);
    expect(ran).toMatchObject({ code: 2, out: '' });
    expect(ran.err).toMatch(message);
    expect(ran.err).not.toMatch(/\n\s+at /);
  });

  it('a second run into a folder in use', async () => {
    await mkdir(at('busy'));
    const unlock = await takeLock(at('busy/.sheaf.lock'), 'busy');
    const ran = await generate([...JOB, '--out', 'busy']);
    expect(ran).toMatchObject({ code: 2 });
    expect(ran.err).toMatch(/Another sheaf command \(process \d+\) writes to busy/);
    await unlock();
  });
});

describe('Ctrl+C', () => {
  it('pauses, says how to go on, and what is gone on with is whole', async () => {
    const rows = Array.from({ length: 60_000 }, (_, i) => `n${i},c${i}`);
    await world.write('many.csv', `name,city\n${rows.join('\n')}\n`);
    let isAsked = false;
    const ran = await generate(
      ['--template', 'letter.docx', '--data', 'many.csv', '--out', 'many.zip', '--parallel', '1'],
      {
        onText: (all: string, kill: (signal: NodeJS.Signals) => void) => {
          // Documents are made from here on, and cannot be done yet.
          if (isAsked || !/^Check /m.test(all)) return;
          isAsked = true;
          kill('SIGINT');
        },
      },
    );
    expect(ran.code).toBe(130);
    const [, resume] = /sheaf generate (--resume task_\w+ --out many\.zip)/.exec(ran.err) ?? [];
    expect(resume).toBeDefined();
    const resumed = await generate((resume ?? '').split(' '));
    expect(resumed).toMatchObject({ code: 0 });
    expect((await checkArchive(at('many.zip'))).documents).toBe(60_000);
  }, 240_000);
});
