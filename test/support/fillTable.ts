/** From a table to texts of documents, in every tier: reading, comparing of names, rendering. */
import mammoth from 'mammoth';
import { compareTask } from '../../shared/columns/compareTask.ts';
import { withFields } from '../../shared/dataSources/dataSources.ts';
import type { TextReading } from '../../shared/dataSources/reading.ts';
import { readSource } from '../../shared/dataSources/readSource.ts';
import { chooseEngine } from '../../shared/rendering/chooseEngine.ts';
import { openTemplate } from '../../shared/rendering/openTemplate.ts';
import { prepareTemplate } from '../../shared/rendering/prepareTemplate.ts';
import type { RenderResult } from '../../shared/rendering/renderer.ts';
import { reusedParseEngine, stockEngine } from '../../shared/rendering/stockEngine.ts';
import { readTags } from '../../shared/rendering/tags/readTags.ts';
import { RowSchema } from '../../shared/schemas/common.ts';
import { createMemoryObjectStore } from './memoryObjectStore.ts';

export interface FilledTable {
  /** Text of each row's document, or the code of its failure: the same in every tier. */
  readonly texts: string[];
  readonly failures: { readonly code: string; readonly column?: string | undefined }[];
  /** Of the task, and of the table. */
  readonly warnings: readonly string[];
  readonly sourceWarnings: readonly string[];
}

async function* once(bytes: Uint8Array) {
  yield bytes;
}

async function textOf(result: RenderResult): Promise<string> {
  if (!result.ok) return result.failure.code;
  const { value } = await mammoth.extractRawText({ buffer: Buffer.from(result.document) });
  return value.trim().replace(/\n+/g, '\n');
}

/**
 * @param template bytes of a .docx
 * @throws Error when the table is not read, or the tiers differ
 */
export async function fillTable(
  template: Uint8Array,
  table: string,
  reading: TextReading = { format: 'csv' },
  missingValue: 'empty' | 'error' = 'empty',
): Promise<FilledTable> {
  const objects = createMemoryObjectStore();
  const keys = { rowsKey: 'rows', indexKey: 'index' };
  const source = await readSource({ objects }, () => once(Buffer.from(table)), reading, keys);
  if (!source.ok) throw new Error(source.problems.map(({ detail }) => detail).join(' '));
  const lines = Buffer.from(await objects.read('rows'))
    .toString('utf8')
    .trim()
    .split('\n');
  const rows = lines.map((line) => RowSchema.parse(JSON.parse(line)));

  const opened = openTemplate(template);
  const tags = readTags(opened);
  const isCsv = reading.format === 'csv';
  const { warnings, spellings } = compareTask({
    templates: [{ label: 'letter', tags: tags.tags }],
    fileNameTags: [],
    columns: isCsv ? { names: source.columns, areAll: true } : withFields(source),
    missingValue,
  });
  const spelt = spellings && new Map(Object.entries(spellings.templates[0] ?? {}));
  const prepared = prepareTemplate(opened, tags);
  const tiers = [
    chooseEngine(opened, tags),
    reusedParseEngine(prepared, []),
    stockEngine(prepared, []),
  ];
  const options = { missingValue, timeoutMs: 30_000, spellings: spelt };
  const failures: FilledTable['failures'] = [];
  const texts = await Promise.all(
    rows.map(async (row) => {
      const results = tiers.map((tier) => tier.render(row, options));
      const found = await Promise.all(results.map(textOf));
      if (new Set(found).size > 1) throw new Error(`The tiers differ: ${found.join(' | ')}`);
      const [first] = results;
      if (first && !first.ok) failures.push(first.failure);
      return found[0] ?? '';
    }),
  );
  return { texts, failures, warnings, sourceWarnings: source.warnings };
}
