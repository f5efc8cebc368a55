import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { quoted } from '../../../cli/terminal/quoted.ts';

const WORDS = [
  'letters.zip',
  'ünï/{input}.zip',
  'a b.zip',
  'it\'s $HOME `x` "y" $(z).zip',
  '*',
  '',
];

describe('a word of a command line', () => {
  it.skipIf(process.platform === 'win32')('is the same when a shell has read it', () => {
    for (const word of WORDS) {
      expect(execFileSync('sh', ['-c', `printf %s ${quoted(word)}`]).toString()).toBe(word);
    }
  });

  it('is not dressed up without need', () => {
    expect(WORDS.slice(0, 2).map((word) => quoted(word))).toEqual(WORDS.slice(0, 2));
    expect(quoted('a b.zip', 'win32')).toBe('"a b.zip"');
  });
});
