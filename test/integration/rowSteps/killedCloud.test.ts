/** The example of docs/row-steps.md: everything is killed while rows are called, and no call is paid for twice. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ExcelJS from 'exceljs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { playScenario } from '../../../examples/rowSteps/scenario.ts';
import { startServices } from '../../../examples/rowSteps/services.ts';
import { readZip } from '../../support/readZip.ts';

const ROWS = 20;
/** Looked for in everything that is written. */
const KEY = 'marker-of-a-key-that-is-told-nobody';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sheaf-killed-steps-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Files below a folder in which the key can be read. */
async function filesWithKey(below: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(below, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    if ((await readFile(path)).includes(KEY)) found.push(path);
  }
  return found;
}

it(
  'resumes after everything was killed, has a picture of every row, and asks nothing twice',
  { timeout: 180_000 },
  async () => {
    const briefs = await readFile(
      new URL('../../../examples/rowSteps/briefs.csv', import.meta.url),
    );
    const table = join(folder, 'briefs.csv');
    const lines = briefs
      .toString()
      .split('\n')
      .slice(0, ROWS + 1);
    await writeFile(table, lines.join('\n'));
    const services = await startServices({
      ...{ key: KEY, perSecond: 8, workMs: [100, 300] },
      ...{ brokenShare: 0.1, silentShare: 0.05 },
    });
    const told: string[] = [];
    try {
      const played = await playScenario({
        ...{ dataDir: join(folder, 'cloud'), briefs: table, out: folder, services, key: KEY },
        signal: new AbortController().signal,
        say: (line) => told.push(line),
      });
      expect(played.claims.filter(({ holds }) => !holds)).toEqual([]);
      expect(played.final).toMatchObject({ status: 'completed', succeeded: ROWS, failed: 0 });
      expect(played.figures).toMatchObject({ paid: 2 * ROWS, paidTwice: 0 });
      // Neither was the test spared what it is about, nor did the limit hold by itself.
      expect(played.figures.broken + played.figures.silent).toBeGreaterThan(0);
      expect(played.figures.throttled).toBeGreaterThan(0);
      expect(played.figures.mostInASecond).toBeLessThanOrEqual(8);

      const entries = await readZip(played.archive);
      const pictures = [...entries.keys()].filter((name) => name.endsWith('.png'));
      expect(pictures).toHaveLength(ROWS);
      expect(pictures[0]).toBe('slides/1-Why bees matter.png');
      const workbook = new ExcelJS.Workbook();
      await workbook.xlsx.readFile(played.results);
      const [head = [], ...rows] = (workbook.worksheets[0]?.getSheetValues() ?? []).slice(1);
      expect(rows).toHaveLength(ROWS);
      expect(head).toEqual(expect.arrayContaining(['title', 'summary.text', 'summary.words']));

      expect(told.join('\n')).not.toContain(KEY);
      expect(await filesWithKey(folder)).toEqual([]);
    } finally {
      await services.stop();
    }
  },
);
