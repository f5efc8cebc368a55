import { readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import { transform } from 'esbuild';
import { describe, expect, it } from 'vitest';
import project from '../../../package.json' with { type: 'json' };

const preflight = readFileSync('preflight.cjs', 'utf8');

/** What the preflight says, and the code it ends with, on a Node.js of this version. */
function tryOn(version: string): { said: string[]; code: number | undefined } {
  const said: string[] = [];
  let code: number | undefined;
  runInNewContext(preflight, {
    process: { versions: { node: version }, exit: (given: number) => (code = given) },
    console: { error: (line: string) => said.push(line) },
  });
  return { said, code };
}

describe('an old Node.js', () => {
  it.each(['0.12.18', '16.20.2', '18.20.8', '20.18.3', '21.7.3', '22.11.0'])(
    'is told in one sentence which version is needed: %s',
    (version) => {
      const sentence = `Sheaf needs Node.js 20.19 or later, or 22.12 or later; this is Node.js ${version}.`;
      expect(tryOn(version)).toEqual({ said: [sentence], code: 1 });
    },
  );

  it.each(['20.19.0', '20.20.2', '22.12.0', '23.0.0', '24.1.0', '26.0.0'])(
    'is not %s',
    (version) => {
      expect(tryOn(version)).toEqual({ said: [], code: undefined });
    },
  );

  it('can read the preflight', async () => {
    // esbuild refuses what ES5 lacks, but for commas behind the last argument, which it takes away.
    await expect(transform(preflight, { target: 'es5' })).resolves.toMatchObject({ warnings: [] });
    expect(preflight).not.toMatch(/,\s*\)|require|import/);
  });

  it('meets the preflight before anything else', () => {
    const { scripts } = project;
    expect(scripts.start).toMatch(/ local\/start\.cjs$/);
    const [first] = readFileSync('local/start.cjs', 'utf8')
      .replace(/^\/\*\*.*?\*\/\n/s, '')
      .split('\n');
    expect(first).toBe("require('../preflight.cjs');");
    expect(scripts.demo).toMatch(/^node .*cli\/demo\.cjs$/);
    for (const program of ['cli/demo.cjs', 'cli/start.cjs']) {
      const [begin] = readFileSync(program, 'utf8')
        .replace(/^#!.*\n/, '')
        .replace(/^\/\*\*.*?\*\/\n/s, '')
        .split('\n');
      expect(begin).toBe("require('../preflight.cjs');");
    }
    expect(scripts.pretest).toBe('node preflight.cjs');
    expect(scripts.prebench).toBe('node preflight.cjs');
  });
});
