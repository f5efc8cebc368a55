import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSettings } from '../../../cli/generate/readSettings.ts';
import { docx } from '../../support/docx.ts';
import { runCli } from '../../support/runCli.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sheaf-init-'));
  await writeFile(join(folder, 'letter.docx'), docx('Dear {name}'));
  await writeFile(join(folder, 'people.csv'), 'name\nAda\n');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const sheaf = (...args: string[]) => runCli(args, { cwd: folder });

describe('sheaf init', () => {
  it('puts an example where nobody can be asked, and replaces nothing', async () => {
    const made = await sheaf('init', 'try');
    expect(made).toMatchObject({
      code: 0,
      out: 'try/offer-letter.docx\ntry/people.csv\ntry/sheaf.yaml\n',
      err: 'Next: cd try, then sheaf check, and sheaf generate.\n',
    });
    const place = join(folder, 'try');
    expect(await readdir(place)).toEqual(['offer-letter.docx', 'people.csv', 'sheaf.yaml']);
    const { settings } = await readSettings({}, undefined, { env: {}, cwd: place });
    expect(settings).toMatchObject({
      template: [join(place, 'offer-letter.docx')],
      data: join(place, 'people.csv'),
      missing: 'error',
    });
    const again = await sheaf('init', 'try');
    expect(again).toMatchObject({ code: 2, err: expect.stringContaining('--force') as string });
    await rm(join(place, 'sheaf.yaml'));
    const half = await sheaf('init', 'try');
    expect(half).toMatchObject({
      code: 2,
      err: expect.stringContaining('offer-letter.docx is there already') as string,
    });
  });

  it('is for files that are named', async () => {
    await mkdir(join(folder, 'own'));
    const files = ['--template', 'letter.docx', '--data', 'people.csv', '--out', 'own/letters'];
    expect(await sheaf('init', 'own', ...files)).toMatchObject({
      code: 0,
      out: 'own/sheaf.yaml\n',
    });
    const text = await readFile(join(folder, 'own/sheaf.yaml'), 'utf8');
    expect(text).toMatch(
      /^# .*\n# .*\ntemplate: \.\.\/letter\.docx\ndata: \.\.\/people\.csv\nout: letters\n$/,
    );
  });

  it.each([
    [['--template', 'letter.docx'], /Name both/],
    [['--template', 'none.docx', '--data', 'people.csv'], /there is no such file/],
    [['--template', 'people.csv', '--data', 'people.csv'], /cannot be a template/],
  ])('%j is refused in a sentence', async (args, message) => {
    const refused = await sheaf('init', ...args);
    expect(refused).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringMatching(message) as string,
    });
  });
});
