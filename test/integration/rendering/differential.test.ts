/**
 * Templates and rows of any shape: every engine gives what stock docxtemplater gives, byte for byte, but
 * where that breaks what Word asks for: then every engine repairs it alike.
 * SHEAF_DIFFERENTIAL_RUNS sets how many templates are tried (6 rows each), SHEAF_DIFFERENTIAL_SEED
 * which; a failure prints both.
 */
import { crc32, inflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseEngine } from '../../../shared/rendering/chooseEngine.ts';
import { createContentWriter } from '../../../shared/rendering/compiled/compiledEngine.ts';
import { compileParts } from '../../../shared/rendering/compiled/compileParts.ts';
import { renderParts, SILENT } from '../../../shared/rendering/docxtemplater.ts';
import {
  prepareTemplate,
  type PreparedTemplate,
} from '../../../shared/rendering/prepareTemplate.ts';
import { findBreaches } from '../../../shared/rendering/repairs/wordRules.ts';
import { createReusingRenderer, stockEngine } from '../../../shared/rendering/stockEngine.ts';
import type { Row } from '../../../shared/schemas/common.ts';
import { openTemplate } from '../../../shared/rendering/openTemplate.ts';
import { readTags } from '../../../shared/rendering/tags/readTags.ts';
import { readParts } from '../../support/readParts.ts';
import { expectRepairedStock } from '../../support/repairedStock.ts';
import { rowsFor } from '../../support/rowArbitrary.ts';
import { wordTemplate } from '../../support/templateArbitrary.ts';

const RUNS = Number(process.env.SHEAF_DIFFERENTIAL_RUNS ?? 400);
const SEED = Number(process.env.SHEAF_DIFFERENTIAL_SEED ?? 20_260);
const ROWS_PER_TEMPLATE = 6;
/** Of the templates, how many compile: a change that makes the compiler refuse more shows here. */
const LEAST_COMPILED = 0.75;

type Written = ReadonlyMap<string, Uint8Array>;

/** The parts, or undefined where the row fails. */
function attempt(write: (row: Row) => Written, row: Row): Written | undefined {
  try {
    return write(row);
  } catch {
    return undefined;
  }
}

function expectEqual(found: Written | undefined, expected: Written | undefined, row: Row): void {
  const told = JSON.stringify(row);
  expect(found === undefined, told).toBe(expected === undefined);
  for (const [name, content] of found ?? []) {
    expect(Buffer.from(content).toString(), `${name} of ${told}`).toBe(
      Buffer.from(expected?.get(name) ?? []).toString(),
    );
  }
}

/** The program's parts, as any reader inflates them; undefined when the template does not compile. */
function compiledWriter(prepared: PreparedTemplate): ((row: Row) => Written) | undefined {
  const compiled = compileParts(prepared.parts);
  if ('reasons' in compiled) {
    expect(compiled.reasons.length).toBeGreaterThan(0);
    return undefined;
  }
  const writer = createContentWriter(prepared, compiled.programs);
  return (row) =>
    new Map(
      writer.write(row).contents.map((content, i) => {
        const bytes = inflateRawSync(content.compressed);
        expect(content).toMatchObject({ crc32: crc32(bytes), size: bytes.length });
        return [writer.names[i] ?? '', bytes];
      }),
    );
}

/** What a reader sees of a part: its text, pictures and breaks, without white space. */
const shownIn = (xml: string): string =>
  Array.from(
    xml.matchAll(
      /<w:t(?:\s[^>]*)?>([^<]*)<|<(w:drawing|w:pict|w:br w:type="page"|w:sectPr|m:t)[\s/>]/g,
    ),
    ([, text = '', element = '']) => text.replace(/\s/g, '') + element,
  ).join('');

/** All engines of a template: each row must give in all of them what stock writes. */
function everyEngine(prepared: PreparedTemplate) {
  const reuse = createReusingRenderer(prepared);
  const program = compiledWriter(prepared);
  return {
    isCompiled: program !== undefined,
    fill: (row: Row): Written | undefined => {
      const expected = attempt((its) => renderParts(prepared.files, its), row);
      expectEqual(
        attempt((its) => reuse(its, SILENT), row),
        expected,
        row,
      );
      if (program) expectEqual(attempt(program, row), expected, row);
      return expected;
    },
  };
}

const templates = wordTemplate.map((bytes) => {
  const template = openTemplate(bytes);
  try {
    const tags = readTags(template);
    return { bytes, tags: tags.tags, prepared: prepareTemplate(template, tags) };
  } catch {
    // A tag that prints a whole row.
    return undefined;
  }
});

/** A template with some rows for it. */
const casesOf = (rows: number) =>
  templates.chain((template) =>
    fc.record({
      template: fc.constant(template),
      rows: fc.array(rowsFor(template?.tags ?? []), { minLength: rows, maxLength: rows }),
    }),
  );

describe('templates of any shape', () => {
  it(`equal stock docxtemplater: ${RUNS} with ${ROWS_PER_TEMPLATE} rows each`, () => {
    let compiled = 0;
    let tried = 0;
    fc.assert(
      fc.property(casesOf(ROWS_PER_TEMPLATE), ({ template, rows }) => {
        if (!template) return;
        const { prepared } = template;
        const { isCompiled, fill } = everyEngine(prepared);
        tried++;
        if (isCompiled) compiled++;
        for (const row of rows) fill(row);
      }),
      { numRuns: RUNS, seed: SEED },
    );
    expect(compiled / tried).toBeGreaterThan(LEAST_COMPILED);
  }, 600_000);

  it('lose nothing but blank paragraphs, alike in every engine, where those are removed', () => {
    let removed = 0;
    fc.assert(
      fc.property(casesOf(2), ({ template, rows }) => {
        if (!template) return;
        const { bytes, prepared: kept } = template;
        const opened = openTemplate(bytes);
        const prepared = prepareTemplate(opened, readTags(opened), {
          removal: { keepsMissing: false },
        });
        const { fill } = everyEngine(prepared);
        for (const row of rows) {
          const expected = fill(row);
          const whole = attempt((its) => renderParts(kept.files, its), row);
          // A row that fails by a paragraph which goes is filled without it, never the other way round.
          if (!whole) continue;
          for (const [name, content] of whole) {
            const all = Buffer.from(content).toString();
            const rest = Buffer.from(expected?.get(name) ?? []).toString();
            expect(shownIn(rest), name).toBe(shownIn(all));
            const known = findBreaches(all).map(({ rule }) => rule);
            const rules = findBreaches(rest).map(({ rule }) => rule);
            expect(
              rules.filter((rule) => !known.includes(rule)),
              rest,
            ).toEqual([]);
            if (rest.length < all.length) removed++;
          }
        }
      }),
      { numRuns: Math.ceil(RUNS / 4), seed: SEED + 2 },
    );
    expect(removed).toBeGreaterThan(0);
  }, 600_000);

  it('give whole documents that equal those which its users get, or are right where those are not', async () => {
    let equal = 0;
    let repaired = 0;
    await fc.assert(
      fc.asyncProperty(casesOf(2), async ({ template, rows }) => {
        if (!template) return;
        const { bytes } = template;
        const engine = chooseEngine(openTemplate(bytes), readTags(openTemplate(bytes)));
        for (const row of rows) {
          const result = engine.render(row, { missingValue: 'empty', timeoutMs: 30_000 });
          if (!result.ok) continue;
          const ours = await readParts(result.document);
          const compared = await expectRepairedStock(ours, bytes, row);
          equal += compared.equal;
          repaired += compared.repaired;
        }
      }),
      { numRuns: Math.ceil(RUNS / 10), seed: SEED + 1 },
    );
    expect(repaired).toBeGreaterThan(0);
    expect(equal).toBeGreaterThan(repaired);
  }, 600_000);

  it('fail the same rows for the same reasons', () => {
    fc.assert(
      fc.property(casesOf(4), ({ template, rows }) => {
        if (!template) return;
        const { bytes, prepared } = template;
        const engine = chooseEngine(openTemplate(bytes), readTags(openTemplate(bytes)));
        const stock = stockEngine(prepared, []);
        for (const row of rows) {
          for (const hostile of [row, { ...row, a: '\ud800' }, { ...row, b: 'x\u0001' }]) {
            for (const missingValue of ['error', 'empty'] as const) {
              const options = { missingValue, timeoutMs: 30_000 };
              const ours = engine.render(hostile, options);
              const theirs = stock.render(hostile, options);
              expect(ours.ok ? 'ok' : ours.failure).toEqual(theirs.ok ? 'ok' : theirs.failure);
            }
          }
        }
      }),
      { numRuns: Math.ceil(RUNS / 20), seed: SEED + 2 },
    );
  }, 600_000);
});
