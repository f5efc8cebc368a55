/** The example files: what their scripts make, and what becomes of them. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import mammoth from 'mammoth';
import { describe, expect, it } from 'vitest';
import { OFFER_LETTER_PARTS } from '../../../examples/makeOfferLetter.ts';
import { PEOPLE_WITHOUT, peopleCsv } from '../../../examples/makePeople.ts';
import { inspectTemplate } from '../../../shared/rendering/compileTemplate.ts';
import type { Row } from '../../../shared/schemas/common.ts';
import { readParts } from '../../support/readParts.ts';
import { stockParts } from '../../support/stockDocxtemplater.ts';

const example = (name: string) =>
  readFileSync(new URL(`../../../examples/${name}`, import.meta.url));
const LETTER = example('offer-letter.docx');
const { compiled, warnings } = inspectTemplate(LETTER);
const OPTIONS = { missingValue: 'error', timeoutMs: 30_000 } as const;

/** The people as a data source gives them: unquoted empty cells are absent, benefits a list. */
function people(): Row[] {
  const lines = parse(example('people.csv'), {
    columns: true,
    cast: (value, { quoting, header }) => (value === '' && !quoting && !header ? null : value),
  }) as unknown as Record<string, string | null>[];
  return lines.map((line) => {
    const row: Row = {};
    const benefits: Record<string, string | null>[] = [];
    for (const [column, value] of Object.entries(line)) {
      const [, number, key] = /^benefits\[(\d)\]\.(\w+)$/.exec(column) ?? [];
      if (number === undefined || key === undefined) row[column] = value;
      else if (value !== null) (benefits[Number(number) - 1] ??= {})[key] = value;
    }
    return { ...row, benefits };
  });
}

function rendered(row: Row | undefined): Buffer {
  const result = compiled.render(row ?? {}, OPTIONS);
  if (!result.ok) throw new Error(result.failure.detail);
  return Buffer.from(result.document);
}

describe('the examples', () => {
  it('are what their scripts make', async () => {
    const parts = await readParts(LETTER);
    expect(
      Object.fromEntries([...parts].map(([name, content]) => [name, content.toString()])),
    ).toEqual(OFFER_LETTER_PARTS);
    expect(example('people.csv').toString()).toBe(peopleCsv());
  });

  it('have every kind of tag, in every kind of part', () => {
    expect(warnings).toEqual([]);
    expect(new Set(compiled.tags.map(({ kind }) => kind))).toEqual(
      new Set(['value', 'section', 'inverted']),
    );
    expect(new Set(compiled.tags.map(({ part }) => part))).toEqual(
      new Set(['word/document.xml', 'word/header1.xml', 'word/footer1.xml', 'docProps/core.xml']),
    );
    expect(compiled.tags).toContainEqual({
      name: 'name',
      kind: 'value',
      path: ['benefits'],
      part: 'word/document.xml',
    });
  });

  it('fail in exactly the rows that lack a value', () => {
    const failures = people().flatMap((row, i) => {
      const result = compiled.render(row, OPTIONS);
      return result.ok ? [] : [[i + 1, result.failure.code, result.failure.column]];
    });
    expect(failures).toEqual(
      Object.entries(PEOPLE_WITHOUT).map(([row, column]) => [Number(row), 'MISSING_VALUE', column]),
    );
  });

  it('read as letters', async () => {
    const rows = people();
    for (let i = 0; i < rows.length; i += 125) {
      const row = rows[i] ?? {};
      const { value } = await mammoth.extractRawText({ buffer: rendered(row) });
      const benefits = row.benefits as { name: string; value: string }[];
      expect(value).toContain(`Dear ${row.name as string},`);
      expect(value).toContain(`Your offer: ${row.position as string}`);
      for (const benefit of benefits) expect(value).toContain(benefit.name);
      expect(value.includes('Our handbook')).toBe(benefits.length === 0);
      expect(value.includes('A signing bonus')).toBe(row.bonus !== '');
      expect(value).not.toMatch(/undefined|[{}]/);
    }
  });

  it('equal what stock docxtemplater makes of them', async () => {
    for (const row of people().slice(0, 5)) {
      expect(sorted(await readParts(rendered(row)))).toEqual(sorted(await stockParts(LETTER, row)));
    }
  });
});

/** The order of parts is ours. */
const sorted = (parts: Map<string, Buffer>) =>
  [...parts].map(([name, content]) => `${name}: ${content.toString()}`).sort();

/** LibreOffice's command. */
const SOFFICE = 'soffice';
const isThere = hasLibreOffice();
const reason = isThere ? '' : ' (skipped: soffice is not installed)';

describe(`LibreOffice${reason}`, () => {
  it.skipIf(!isThere)('opens a letter', { timeout: 120_000 }, () => {
    const folder = mkdtempSync(join(tmpdir(), 'sheaf-letter-'));
    try {
      const row = people()[1];
      writeFileSync(join(folder, 'letter.docx'), rendered(row));
      execFileSync(
        SOFFICE,
        [
          `-env:UserInstallation=file://${folder}/profile`,
          '--headless',
          '--convert-to',
          'txt:Text',
          'letter.docx',
        ],
        { cwd: folder, stdio: 'ignore' },
      );
      const text = readFileSync(join(folder, 'letter.txt'), 'utf8');
      expect(text).toContain(`Dear ${row?.name as string},`);
      expect(text).toContain('With kind regards,');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

function hasLibreOffice(): boolean {
  try {
    execFileSync(SOFFICE, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
