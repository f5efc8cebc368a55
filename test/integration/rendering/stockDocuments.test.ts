/**
 * Every part of every document equals what stock docxtemplater writes for the row, byte for byte, but where
 * that is repaired.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileTemplate } from '../../../shared/rendering/compileTemplate.ts';
import type { CompiledTemplate } from '../../../shared/rendering/renderer.ts';
import type { Row } from '../../../shared/schemas/common.ts';
import { readParts } from '../../support/readParts.ts';
import { expectRepairedStock } from '../../support/repairedStock.ts';
import { rowsFor } from '../../support/rowArbitrary.ts';
import { stockParts } from '../../support/stockDocxtemplater.ts';
import { header, paragraphs, runs, table, wordFile } from '../../support/wordFile.ts';

const OPTIONS = { missingValue: 'empty', timeoutMs: 30_000 } as const;

/** Compares all parts of one document; the order of parts and the compression are ours. */
async function expectStock(
  template: Uint8Array,
  compiled: CompiledTemplate,
  row: Row,
): Promise<void> {
  const result = compiled.render(row, OPTIONS);
  if (!result.ok) {
    const stock = await stockParts(template, row);
    // The one difference: what stock prints as an object is a failure.
    expect(result.failure.code, result.failure.detail).toBe('RENDER_FAILED');
    expect(Buffer.concat([...stock.values()]).includes('[object Object]')).toBe(true);
    return;
  }
  const ours = await readParts(result.document);
  await expectRepairedStock(ours, template, row);
  expect(ours.get('word/document.xml')?.toString()).not.toContain('undefined');
}

async function expectStockForAnyRow(template: Uint8Array, numRuns: number): Promise<void> {
  const compiled = compileTemplate(template);
  await fc.assert(
    fc.asyncProperty(rowsFor(compiled.tags), (row) => expectStock(template, compiled, row)),
    { numRuns },
  );
}

const BODIES: Record<string, string> = {
  'a letter': paragraphs(
    'Dear {name},',
    'you earn {salary} in {address.city}. {name}!',
    '{ spaced\u00a0}',
  ),
  'tags in several runs': runs('Dear {na', 'me}, {', 'salary', '} {#co', 'nd}yes{/', 'cond}'),
  'a loop over paragraphs': paragraphs(
    '{#items}',
    'One {name}',
    'Two {name} {.}',
    '{/items}',
    'End',
  ),
  'a loop within a paragraph': paragraphs(
    'All: {#items}{name}, {/items}end. {^items}None.{/items}',
  ),
  'a loop over rows of a table': table(
    ['Name', 'Value'],
    ['{#items}{name}', '{value}{/items}'],
    ['Sum', '{sum}'],
  ),
  'a table that may lose all rows':
    paragraphs('Before') + table(['{#items}{name}', '{value}{/items}']) + paragraphs('After'),
  'sections in sections': paragraphs(
    '{#a}',
    '{x}{#b}',
    '{y} {x}',
    '{^c}no {y}{/c}',
    '{/b}',
    '{/a}',
    '{^a}none{/a}',
  ),
  'a section on an element': paragraphs('{-w:p list}{name}{/list}', 'End'),
  'odd text': paragraphs('&lt;{a}&gt; &amp;amp; {b} > "{c}"'),
  'page breaks in a loop': `${paragraphs('{#items}')}${paragraphs('{name}')}<w:p><w:r><w:br w:type="page"/></w:r></w:p>${paragraphs('{/items}')}`,
};

describe('every part equals stock docxtemplater', () => {
  it.each(Object.entries(BODIES))('for %s', async (_name, body) => {
    await expectStockForAnyRow(
      wordFile(body, {
        parts: {
          'word/header1.xml': header(paragraphs('{name} of {company}')),
          'word/footer1.xml': header(paragraphs('no tags > here'), 'ftr'),
          'docProps/core.xml': {
            type: 'application/vnd.openxmlformats-package.core-properties+xml',
            content:
              '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Letter to {name}</dc:title></cp:coreProperties>',
          },
          'word/media/a.bin': {
            type: 'application/octet-stream',
            content: Buffer.from([0, 1, 2, 255]),
          },
        },
      }),
      25,
    );
  });

  it('for raw XML that is whole', async () => {
    const template = wordFile(paragraphs('{@xml}', '{#list}', '{@xml}', '{/list}'));
    const xml = '<w:p><w:r><w:t>One &amp; two</w:t></w:r></w:p>';
    const compiled = compileTemplate(template);
    const rows: Row[] = [
      { xml },
      { xml: `${xml}\n${xml}`, list: [{}, {}] },
      { xml: '' },
      { xml: 0 },
      {},
    ];
    for (const row of rows) await expectStock(template, compiled, row);
  });
});

const CORPUS = process.env.SHEAF_CORPUS_DIR;
const isThere = CORPUS !== undefined && existsSync(CORPUS);
const reason = isThere ? '' : ' (skipped: SHEAF_CORPUS_DIR names no folder)';

/** Templates of the corpus that are not written for single braces: what they must be told. */
const REFUSED: Record<string, RegExp> = {
  'content controls.docx': /single braces/,
  'empty tag.docx': /no name/,
  'loop - paragraph - one line - with loopOver.docx': /closed by their own name/,
};

describe(`documents of the corpus${reason}`, () => {
  const files = isThere ? readdirSync(CORPUS).filter((name) => name.endsWith('.docx')) : [];

  it.skipIf(!isThere)('has templates', () => {
    expect(files.length).toBeGreaterThan(10);
  });

  it.skipIf(!isThere).each(files.length > 0 ? files : ['no file'])(
    'equal stock: %s',
    async (file) => {
      const template = readFileSync(join(CORPUS ?? '', file));
      const refusal = REFUSED[file];
      if (refusal) {
        expect(() => compileTemplate(template)).toThrow(refusal);
        return;
      }
      const compiled = compileTemplate(template);
      await expectStock(template, compiled, {});
      // A page break as raw XML: the property would fill it with plain text, which fails the row.
      if (file !== 'real life - he.docx') await expectStockForAnyRow(template, 8);
    },
  );
});
