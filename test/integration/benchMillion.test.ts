/** `npm run bench -- million` in small: what it makes is good, and what is wrong does not pass. */
import Docxtemplater from 'docxtemplater';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import PizZip from 'pizzip';
import { afterAll, describe, expect, it } from 'vitest';
import { documentName, letterTemplate } from '../../bench/letters/letters.ts';
import { askOtherReader } from '../../bench/million/otherReaders.ts';
import { runLetters } from '../../bench/million/runLetters.ts';
import { withTemporary } from '../../bench/letters/temporary.ts';
import { verifyArchive } from '../../bench/million/verifyArchive.ts';
import { CASES } from '../../bench/rendering/templates.ts';

const folder = mkdtempSync(join(tmpdir(), 'sheaf-million-test-'));
afterAll(() => rm(folder, { recursive: true }));

const ROWS = 4;

/** The letter of a row, counted from 0, as stock docxtemplater makes it. */
const letter = (index: number): Buffer =>
  new Docxtemplater(new PizZip(Buffer.from(letterTemplate())), {
    paragraphLoop: true,
    linebreaks: true,
    nullGetter: () => '',
  })
    .render(CASES.letter.row(index))
    .toBuffer();

interface Entry {
  readonly name: string;
  readonly bytes: Buffer;
}

const documents = (): Entry[] =>
  Array.from({ length: ROWS }, (_, index) => ({ name: documentName(index), bytes: letter(index) }));

const manifestOf = (entries: readonly Entry[]): Entry => {
  const lines = entries.map(({ name, bytes }, index) => {
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    return `${index + 1},letter,${name},succeeded,${bytes.length},${sha256}\n`;
  });
  return {
    name: '_manifest.csv',
    bytes: Buffer.from(`row,template,document,status,bytes,sha256\n${lines.join('')}`),
  };
};

let archives = 0;

/** Writes an archive of these entries, in this order. */
async function archiveOf(entries: readonly Entry[]): Promise<{ path: string; bytes: Buffer }> {
  const zip = new PizZip();
  for (const { name, bytes } of entries) zip.file(name, bytes);
  const bytes = zip.generate({ type: 'nodebuffer', compression: 'STORE' });
  const path = join(folder, `${++archives}.zip`);
  await writeFile(path, bytes);
  return { path, bytes };
}

const verify = (path: string) => verifyArchive(path, ROWS, () => undefined);

/** What is said of an archive of these entries. */
async function verdict(entries: readonly Entry[]): Promise<string> {
  const { path } = await archiveOf(entries);
  return verify(path).then(
    () => 'good',
    (error: Error) => error.message,
  );
}

describe('the archive check', () => {
  it('passes a good archive, and opens its documents', async () => {
    const entries = documents();
    const { path } = await archiveOf([...entries, manifestOf(entries)]);
    const bytes = entries.reduce((sum, entry) => sum + entry.bytes.length, 0);
    expect(await verify(path)).toEqual({ documents: ROWS, documentBytes: bytes, opened: ROWS });
  });

  it('finds a byte that has changed', async () => {
    const entries = documents();
    const { path, bytes } = await archiveOf([...entries, manifestOf(entries)]);
    const at = bytes.indexOf(entries[2]?.bytes ?? '') + 100;
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    await writeFile(path, bytes);
    await expect(verify(path)).rejects.toThrow(`${documentName(2)} is damaged`);
  });

  it('finds documents in another order', async () => {
    const [first, second, ...others] = documents();
    if (!first || !second) throw new RangeError('There are two at least.');
    const entries = [second, first, ...others];
    expect(await verdict([...entries, manifestOf(entries)])).toContain(
      'not the document of its row',
    );
  });

  it('finds that one is missing', async () => {
    const entries = documents().slice(0, -1);
    expect(await verdict([...entries, manifestOf(entries)])).toContain('_manifest.csv is not');
  });

  it('finds that there is one too many', async () => {
    const entries = [...documents(), { name: documentName(ROWS), bytes: letter(ROWS) }];
    expect(await verdict([...entries, manifestOf(entries)])).toContain('is one too many');
  });

  it('finds a document with the values of another row', async () => {
    const entries = documents().map((entry, i) =>
      i === 1 ? { ...entry, bytes: letter(2) } : entry,
    );
    expect(await verdict([...entries, manifestOf(entries)])).toContain(
      `${documentName(1)} lacks a value of its row`,
    );
  });

  it('finds that there is no manifest', async () => {
    expect(await verdict(documents())).toContain('no _manifest.csv');
  });

  it('finds a manifest that tells of another document', async () => {
    const entries = documents();
    const other = entries.map((entry, i) => (i === 3 ? { ...entry, bytes: letter(1) } : entry));
    expect(await verdict([...entries, manifestOf(other)])).toContain('the truth of row 4');
  });

  it('finds a manifest that ends too early', async () => {
    const entries = documents();
    expect(await verdict([...entries, manifestOf(entries.slice(0, -1))])).toContain(
      'does not add up',
    );
  });
});

it('asks another program of the machine, if there is one', async () => {
  const { path } = await archiveOf(documents());
  const { testedBy, missing } = await askOtherReader(path);
  if (testedBy === null) return void expect(missing).toHaveLength(3);
  await writeFile(path, Buffer.from('no archive'));
  await expect(askOtherReader(path)).rejects.toThrow('finds fault');
});

describe('a run', () => {
  it('makes and checks every letter, counts what it used, and leaves nothing behind', async () => {
    let used = '';
    const { verified, usage, archiveBytes } = await withTemporary((temporary) => {
      used = temporary.folder;
      return runLetters(120, temporary, { write: () => true });
    });
    expect(existsSync(used)).toBe(false);
    expect(verified).toMatchObject({ documents: 120, opened: 120 });

    // Each figure against another one that it must agree with.
    const functions = Object.entries(usage.lambda);
    const calls = (name: string) =>
      functions.find(([id]) => id.includes(name))?.[1].invocations ?? 0;
    expect(usage.s3.sentByLinkBytes).toBe(archiveBytes);
    expect(usage.s3.storedBytes).toBeGreaterThan(archiveBytes);
    expect(usage.s3.requests).toMatchObject({ PutObject: expect.any(Number) as number });
    // So few letters are one shard, which takes no map.
    expect(calls('RenderShard')).toBe(1);
    expect(usage.stepFunctions.mapChildren).toBe(0);
    expect(usage.stepFunctions.expressRequests).toBe(0);
    // Two executions: their starts; one state, and five with three choices between them.
    expect(usage.stepFunctions.executions).toBe(2);
    expect(usage.stepFunctions.transitions).toBe(2 + 1 + 8);
    expect(usage.httpApi.requests).toBe(calls('HttpsFunction'));
    expect(usage.webSocketApi.connections).toBe(1);
    expect(usage.webSocketApi.messages).toBeGreaterThan(0);
    expect(usage.dynamoDb.UpdateItem?.writeUnits).toBeGreaterThan(
      usage.dynamoDb.UpdateItem?.calls ?? Infinity,
    );
    for (const [, { invocations, billedMs, cpuMs }] of functions) {
      expect(billedMs).toBeGreaterThanOrEqual(invocations);
      expect(cpuMs).toBeGreaterThan(0);
    }
    expect(usage.logs.bytes).toBeGreaterThan(0);
  });
});
