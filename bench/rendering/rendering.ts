/**
 * How fast documents are made from rows on one thread, beside stock docxtemplater and other libraries
 * (peers) and beside what compressing alone takes (floor); and what a second thread adds.
 */
import type { Benchmark } from '../benchmark.ts';
import { compare } from '../measure/compare.ts';
import { measuredOf, type Comparison } from '../measure/comparison.ts';
import { present } from '../results.ts';
import { contendersFor } from './contenders.ts';
import { DEFLATING, SHEAF, STOCK } from './engines.ts';
import { readCase } from './givenCase.ts';
import { madeCases, type RenderingCase } from './renderingCase.ts';
import { twoThreadsToOne } from './threads.ts';

/** The figure that says what a second thread adds. */
export const TWO_THREADS = 'two threads over one';

async function compareEngines(given: RenderingCase): Promise<Comparison> {
  const comparison = await compare({
    title: given.name,
    unit: 'document',
    peer: STOCK,
    floor: DEFLATING,
    contenders: await contendersFor(given),
  });
  const secondsPerUnit = measuredOf(comparison, SHEAF)?.secondsPerUnit ?? NaN;
  const value = await twoThreadsToOne(given, secondsPerUnit);
  return { ...comparison, figures: [{ name: TWO_THREADS, value, unit: '×' }] };
}

export const rendering: Benchmark = {
  name: 'rendering',
  arguments: '[template.docx [rows.csv|rows.json|rows.jsonl]]',
  about: 'rows to documents, beside other libraries and deflate alone; of any template',
  async run([template, rows]) {
    const cases = template === undefined ? madeCases() : [await readCase(template, rows)];
    const comparisons: Comparison[] = [];
    for (const given of cases) comparisons.push(await compareEngines(given));
    await present(template === undefined ? 'rendering' : 'rendering-given', comparisons);
  },
};
