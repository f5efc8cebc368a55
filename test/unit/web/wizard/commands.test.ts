import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { SETTINGS } from '../../../../cli/generate/settings.ts';
import { parseRoute } from '../../../../web/app/address.ts';
import { curlCommand, sheafCommand } from '../../../../web/pages/wizard/commands.ts';
import { mapOf, readDraft, type Draft } from '../../../../web/pages/wizard/draft.ts';

/** The words that a shell makes of a command, the program itself left out. */
const wordsOf = (command: string): string[] =>
  execFileSync('sh', ['-c', `set -- ${command}; shift; printf '%s\\0' "$@"`], {
    encoding: 'utf8',
    env: { ...process.env, SHEAF_API_KEY: 'key' },
  })
    .split('\0')
    .slice(0, -1);

const HOSTILE = `it's <img src=x onerror="alert(1)"> $(id) \`id\` \\ ; & |`;

describe('commands for a terminal', () => {
  it('send the same body by curl, whatever it holds, with the key from the environment', () => {
    const body = { templateIds: [], name: HOSTILE };
    const words = wordsOf(curlCommand('http://localhost:3000/api/v2', body));
    expect(words).toEqual([
      '-X',
      'POST',
      'http://localhost:3000/api/v2/batch/tasks',
      '-H',
      'Authorization: Bearer key',
      '-H',
      'Content-Type: application/json',
      '-d',
      JSON.stringify(body),
    ]);
  });

  it('say the same by sheaf, in options that it has', () => {
    const draft: Draft = {
      ...readDraft(parseRoute('#/new')),
      map: mapOf({ 'a b': HOSTILE }),
      missing: 'error',
      file: '{name} {row}',
      concurrency: 20,
      mode: 'sequential',
      failed: 'stop',
      faulty: 'strict',
      blank: 'remove',
      rows: '1-5,9',
      group: 'a b',
      days: 30,
    };
    const [command, ...words] = wordsOf(
      sheafCommand(draft, { template: `${HOSTILE}.docx`, data: 'people.xlsx' }, 'Sheet 1'),
    );
    expect(command).toBe('generate');
    const pairs = words.flatMap((word, i) => (i % 2 === 0 ? [[word, words[i + 1]]] : []));
    expect(pairs).toEqual([
      ['--template', `${HOSTILE}.docx`],
      ['--data', 'people.xlsx'],
      ['--sheet', 'Sheet 1'],
      ['--name', '{name} {row}'],
      ['--map', `a b=${HOSTILE}`],
      ['--missing', 'error'],
      ['--empty-paragraphs', 'remove'],
      ['--rows', '1-5,9'],
      ['--group-by', 'a b'],
      ['--check', 'strict'],
      ['--on-error', 'stop'],
      ['--mode', 'sequential'],
      ['--parallel', '20'],
      ['--retention-days', '30'],
    ]);
    for (const [option = ''] of pairs) expect(Object.keys(SETTINGS)).toContain(option.slice(2));
  });

  it('leave out what is as usual', () => {
    const draft = readDraft(parseRoute('#/new'));
    const files = { template: 'a.docx', data: 'b.csv' };
    expect(wordsOf(sheafCommand(draft, files, undefined))).toEqual([
      'generate',
      '--template',
      'a.docx',
      '--data',
      'b.csv',
    ]);
  });
});
