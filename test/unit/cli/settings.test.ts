import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readSettings, type FlagValues } from '../../../cli/generate/readSettings.ts';

let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'sheaf-settings-'));
});
afterEach(() => rm(cwd, { recursive: true }));

const write = (text: string, name = 'sheaf.yaml') => writeFile(join(cwd, name), text);
const read = async (
  flags: FlagValues = {},
  env: Record<string, string> = {},
  config?: string | false,
) => (await readSettings(flags, config, { env, cwd })).settings;

describe('settings', () => {
  it('are what an option says, else the environment, else the file', async () => {
    await write('missing: error\nparallel: 3\nmap: { Name: Full name }\nforce: true\n');
    expect(await read()).toEqual({
      missing: 'error',
      parallel: 3,
      map: { Name: 'Full name' },
      force: true,
    });
    const env = { SHEAF_PARALLEL: '5', SHEAF_FORCE: '0', SHEAF_MISSING: '' };
    expect(await read({}, env)).toMatchObject({ missing: 'error', parallel: 5, force: false });
    expect(await read({ parallel: '7', missing: 'empty' }, env)).toMatchObject({
      missing: 'empty',
      parallel: 7,
    });
  });

  it('have paths from the folder of their file on', async () => {
    await write('template: letter.docx\ndata: "-"\nout: ../out\n');
    expect(await read()).toEqual({
      template: [join(cwd, 'letter.docx')],
      data: '-',
      out: join(cwd, '..', 'out'),
    });
    expect(await read({}, {}, false)).toEqual({});
  });

  it('may be pairs on a command line', async () => {
    expect(await read({ map: ['Name=Full name', 'a=b=c'] })).toEqual({
      map: { Name: 'Full name', a: 'b=c' },
    });
    await expect(read({ map: ['Name'] })).rejects.toThrow(/--map "Name": write it as tag=column/);
  });

  it.each([
    ['templat: a.docx', /sheaf\.yaml:1: there is no setting "templat"\. Did you mean template\?/],
    ['\nzzzzz: 1', /sheaf\.yaml:2: there is no setting "zzzzz"\.$/],
    ['data: a.csv\nparallel: many', /sheaf\.yaml:2: parallel is "many"; it must be a whole number/],
    ['data: a.csv\ndata: b.csv', /sheaf\.yaml:2: .*unique/],
    ['- a', /sheaf\.yaml:1: settings are lines such as/],
    ['data: "a', /sheaf\.yaml:1: /],
    ['check: perhaps', /sheaf\.yaml:1: check is "perhaps"; it must be warn, strict or off/],
    ['template: [1]', /sheaf\.yaml:1: template/],
    ['data: { a: b }', /sheaf\.yaml:1: data/],
    ['dry-run: maybe', /sheaf\.yaml:1: dry-run/],
    ['data: !!js/function "x"', /sheaf\.yaml:1: /],
  ])('in a file say with the line what is wrong: %j', async (text, message) => {
    await write(text);
    await expect(read()).rejects.toThrow(message);
  });

  it('say where a wrong one was said', async () => {
    await expect(read({ timeout: '0' })).rejects.toThrow(/--timeout.* must be a whole number/);
    await expect(read({}, { SHEAF_GROUP_BY: ' ', SHEAF_TIMEOUT: 'x' })).rejects.toThrow(
      /SHEAF_TIMEOUT is "x"/,
    );
    await expect(read({}, { SHEAF_FORCE: 'perhaps' })).rejects.toThrow(
      /SHEAF_FORCE must be 1 or 0/,
    );
    await expect(read({}, {}, 'other.yaml')).rejects.toThrow(/--config other\.yaml: there is no/);
  });
});
