import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { lastRecord, openJournal, scanJournal } from '../../../../local/disk/journal.ts';

/** Bytes that the disk takes before it is full. */
let diskBytes = Infinity;
let writes = 0;
vi.mock(import('node:fs'), async (original) => {
  const fs = await original();
  const writeSync = (descriptor: number, line: Buffer, offset: number) => {
    writes += 1;
    if (diskBytes === 0) throw new Error('ENOSPC');
    const length = Math.min(line.length - offset, diskBytes);
    diskBytes -= length;
    return fs.writeSync(descriptor, line, offset, length);
  };
  return { ...fs, writeSync: writeSync as typeof fs.writeSync };
});

const folder = mkdtempSync(join(tmpdir(), 'sheaf-journal-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});
let files = 0;
const newFile = () => join(folder, `${files++}.jsonl`);

const RecordSchema = z.object({ n: z.int(), text: z.string() });
type Record = z.infer<typeof RecordSchema>;

function readAll(file: string) {
  const records: Record[] = [];
  const valid = scanJournal(file, RecordSchema, (record) => {
    records.push(record);
  });
  return { records, valid };
}

function writeAll(file: string, records: Record[]): void {
  const journal = openJournal(file, 0);
  for (const record of records) journal.append(record);
  journal.close();
}

it('gives back what was appended, by place too', () => {
  const file = newFile();
  const journal = openJournal(file, 0);
  const places = [1, 2, 3].map((n) => journal.append({ n, text: 'ü\n'.repeat(n) }));
  expect(RecordSchema.parse(JSON.parse(journal.readAt(places[1]!)))).toEqual({
    n: 2,
    text: 'ü\nü\n',
  });
  journal.close();
  journal.close();
  expect(readAll(file).records.map(({ n }) => n)).toEqual([1, 2, 3]);
});

it('is empty when there is no file', () => {
  expect(readAll(newFile())).toEqual({ records: [], valid: 0 });
});

it('loses at most the line that was being written, wherever the file is cut', () => {
  const records = fc.array(fc.record({ n: fc.nat(), text: fc.string({ unit: 'grapheme' }) }), {
    minLength: 1,
    maxLength: 8,
  });
  fc.assert(
    fc.property(records, fc.nat(), (written, seed) => {
      const file = newFile();
      writeAll(file, written);
      const bytes = readFileSync(file);
      const cut = seed % (bytes.length + 1);
      writeFileSync(file, bytes.subarray(0, cut));
      const whole = bytes.subarray(0, cut).filter((byte) => byte === 10).length;
      const { records: found, valid } = readAll(file);
      expect(found).toEqual(written.slice(0, whole));
      // What is appended next does not stick to the torn line.
      const journal = openJournal(file, valid);
      journal.append({ n: 7, text: 'next' });
      journal.close();
      expect(readAll(file).records).toEqual([...written.slice(0, whole), { n: 7, text: 'next' }]);
    }),
    { numRuns: 60 },
  );
});

it('ends at a line that is no record', () => {
  const file = newFile();
  writeAll(file, [{ n: 1, text: 'a' }]);
  const { size } = statSync(file);
  appendFileSync(file, '{"n":"two"}\n{"n":3,"text":"c"}\n');
  expect(readAll(file)).toEqual({ records: [{ n: 1, text: 'a' }], valid: size });
});

it('reads lines longer than what is read at once', () => {
  const file = newFile();
  const records = [
    { n: 1, text: 'x'.repeat(1_500_000) },
    { n: 2, text: 'y'.repeat(700_000) },
  ];
  writeAll(file, records);
  expect(readAll(file).records).toEqual(records);
});

it('stops where the visitor says', () => {
  const file = newFile();
  writeAll(
    file,
    [1, 2, 3].map((n) => ({ n, text: '' })),
  );
  const seen: number[] = [];
  scanJournal(file, RecordSchema, ({ n }) => {
    seen.push(n);
    return n < 2;
  });
  expect(seen).toEqual([1, 2]);
});

it('leaves nothing of a line for which the disk had no room', () => {
  const file = newFile();
  const journal = openJournal(file, 0);
  journal.append({ n: 1, text: 'a' });
  diskBytes = 10;
  expect(() => journal.append({ n: 2, text: 'b' })).toThrow('ENOSPC');
  diskBytes = Infinity;
  const place = journal.append({ n: 3, text: 'c' });
  expect(JSON.parse(journal.readAt(place))).toEqual({ n: 3, text: 'c' });
  journal.close();
  expect(readAll(file).records.map(({ n }) => n)).toEqual([1, 3]);
});

it('writes what was gathered in one go, in its order, before what is appended', () => {
  const file = newFile();
  const journal = openJournal(file, 0);
  const before = writes;
  for (const n of [1, 2, 3]) journal.gather({ n, text: 'gathered' });
  expect(statSync(file).size).toBe(0);
  journal.flush();
  journal.flush();
  expect(writes - before).toBe(1);
  expect(readAll(file).records.map(({ n }) => n)).toEqual([1, 2, 3]);
  journal.gather({ n: 4, text: 'ü' });
  const place = journal.append({ n: 5, text: 'appended' });
  expect(RecordSchema.parse(JSON.parse(journal.readAt(place))).n).toBe(5);
  expect(writes - before).toBe(2);
  journal.gather({ n: 6, text: '' });
  journal.close();
  expect(readAll(file).records.map(({ n }) => n)).toEqual([1, 2, 3, 4, 5, 6]);
});

it('still has what was gathered when the disk did not take it', () => {
  const file = newFile();
  const journal = openJournal(file, 0);
  journal.gather({ n: 1, text: 'gathered' });
  diskBytes = 5;
  try {
    expect(() => {
      journal.flush();
    }).toThrow('ENOSPC');
  } finally {
    diskBytes = Infinity;
  }
  expect(statSync(file).size).toBe(0);
  journal.append({ n: 2, text: 'appended' });
  journal.close();
  expect(readAll(file).records.map(({ n }) => n)).toEqual([1, 2]);
});

it('finds the last record that is whole, however long it is', () => {
  const file = newFile();
  expect(lastRecord(file, RecordSchema)).toBeUndefined();
  writeFileSync(file, '');
  expect(lastRecord(file, RecordSchema)).toBeUndefined();
  const torn = '{"n":9,"te';
  for (const length of [1, 70_000, 300_000]) {
    const one = newFile();
    writeAll(one, [{ n: 1, text: 'x'.repeat(length) }]);
    expect(lastRecord(one, RecordSchema)?.n).toBe(1);
    const several = newFile();
    writeAll(
      several,
      [1, 2, 3].map((n) => ({ n, text: 'ü'.repeat(length) })),
    );
    expect(lastRecord(several, RecordSchema)).toEqual({ n: 3, text: 'ü'.repeat(length) });
    appendFileSync(several, torn);
    expect(lastRecord(several, RecordSchema)?.n).toBe(3);
    appendFileSync(several, '\n');
    expect(lastRecord(several, RecordSchema)).toBeUndefined();
  }
});
