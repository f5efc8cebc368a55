/** Our archive against one of archiver's, and before the readers that people have. */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { ZipArchive } from 'archiver';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  assembleArchive,
  type ShardContribution,
} from '../../../shared/archive/assembleArchive.ts';
import { directoryRecord, endRecords, localHeader } from '../../../shared/zip/archiveRecords.ts';
import { type Outcome, readAll, readArchive, writeSegment } from '../../support/archives.ts';
import { createMemoryObjectStore } from '../../support/memoryObjectStore.ts';

/** Whether a program is there: where not, vitest shows its tests as skipped. */
function has(program: string, versionFlag: string): boolean {
  try {
    execFileSync(program, [versionFlag], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const run = (program: string, ...args: string[]) =>
  execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

const python = (script: string, ...args: string[]) => run('python3', '-c', script, ...args);

const documents = Array.from({ length: 400 }, (_, index) => ({
  name: `${['Zoë', '陳 小明', "O'Neil & Søn", 'plain'][index % 4] ?? ''}-${index + 1}.docx`,
  bytes: randomBytes(index % 50 === 0 ? 400_000 : 3_000 + index),
}));

let folder: string;
let ours: Buffer;
let oursPath: string;

/** The archive of the documents above, of segments small and large, with a failure in the midst. */
async function assembleOurs(): Promise<Buffer> {
  const objects = createMemoryObjectStore();
  const outcomes: Outcome[] = documents.map((d) => ({ kind: 'document', ...d }));
  const failure = { code: 'RENDER_FAILED', detail: 'Nothing to be done.' } as const;
  outcomes.splice(30, 0, { kind: 'failure', failure });
  const contributions: ShardContribution[] = [];
  let first = 0;
  for (const rows of [10, 2, 200, 1, 100, 88]) {
    const shard = outcomes.slice(first, first + rows);
    const segment = await writeSegment(objects, `segment-${first}`, first + 1, shard);
    contributions.push({ segments: [segment] });
    first += rows;
  }
  expect(first).toBe(outcomes.length);
  const keys = { archiveKey: 'archive.zip', failuresKey: 'failures.csv' };
  await assembleArchive({ objects }, { ...keys, contributions });
  return Buffer.from(await objects.read('archive.zip'));
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sheaf-archive-'));
  ours = await assembleOurs();
  oursPath = join(folder, 'ours.zip');
  writeFileSync(oursPath, ours);
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('our archive', () => {
  it('holds the same entries and bytes as one that archiver writes of the same documents', async () => {
    const archive = new ZipArchive({ store: true });
    const written = readAll(archive);
    for (const { name, bytes } of documents) archive.append(bytes, { name });
    await archive.finalize();
    const theirs = await readArchive(await written);

    const entries = await readArchive(ours);
    const [manifest, failures] = entries.splice(documents.length);
    expect([manifest?.name, failures?.name]).toEqual(['_manifest.csv', '_failures.csv']);
    expect(entries.map(({ name }) => name)).toEqual(theirs.map(({ name }) => name));
    const equal = entries.map(({ bytes }, index) => theirs[index]?.bytes.equals(bytes));
    expect(equal).toEqual(documents.map(() => true));
  });

  it('is the same, byte for byte, of the same documents', async () => {
    expect((await assembleOurs()).equals(ours)).toBe(true);
  });

  it.skipIf(!has('unzip', '-v'))('passes unzip -t', () => {
    expect(run('unzip', '-tq', oursPath)).toContain('No errors detected');
  });

  it.skipIf(!has('7z', 'i'))('passes 7z t, without a warning', () => {
    const report = run('7z', 't', oursPath);
    expect(report).toContain('Everything is Ok');
    expect(report).not.toMatch(/warning/i);
  });

  it.skipIf(!has('jar', '--version'))('is listed by jar with its names', () => {
    const names = run(
      'jar',
      '-J-Dfile.encoding=UTF-8',
      '-J-Dstdout.encoding=UTF-8',
      'tf',
      oursPath,
    );
    expect(names.trimEnd().split('\n')).toHaveLength(documents.length + 2);
  });

  it.skipIf(!has('python3', '--version'))(
    "passes Python's zipfile, with names, bytes and modes",
    () => {
      const script = `
import json, sys, zipfile
archive = zipfile.ZipFile(sys.argv[1])
assert archive.testzip() is None
print(json.dumps([[i.filename, i.file_size, i.CRC, i.external_attr >> 16, i.date_time[0]] for i in archive.infolist()[:-2]]))`;
      expect(JSON.parse(python(script, oursPath))).toEqual(
        documents.map(({ name, bytes }) => [name, bytes.length, crc32(bytes), 0o100644, 1980]),
      );
    },
  );
});

describe('our records in a file of more than 4 GiB', () => {
  const size = 100 * 1024 * 1024;
  const count = 45;
  const last = { name: 'last-陳.docx', bytes: Buffer.from('behind 4 GiB') };

  /** A file with holes: gigabytes to its readers, some kilobytes on the disk. */
  function writeSparse(path: string): void {
    const zeros = { size, crc: crc32(Buffer.alloc(size)) };
    const file = openSync(path, 'w');
    const records: Uint8Array[] = [];
    let offset = 0;
    for (let index = 0; index < count; index++) {
      const entry = { name: `${index}.docx`, ...zeros };
      const header = localHeader(entry);
      writeSync(file, header, 0, header.length, offset);
      records.push(directoryRecord(entry, offset));
      offset += header.length + size;
    }
    const entry = { name: last.name, size: last.bytes.length, crc: crc32(last.bytes) };
    records.push(directoryRecord(entry, offset));
    const tail = Buffer.concat([localHeader(entry), last.bytes]);
    const directory = Buffer.concat(records);
    const end = endRecords({
      entries: count + 1,
      offset: offset + tail.length,
      bytes: directory.length,
    });
    const rest = Buffer.concat([tail, directory, end]);
    ftruncateSync(file, offset);
    writeSync(file, rest, 0, rest.length, offset);
    closeSync(file);
  }

  it.skipIf(!has('python3', '--version') || !has('unzip', '-v') || !has('7z', 'i'))(
    'are understood by Python, unzip and 7z',
    () => {
      const path = join(folder, 'sparse.zip');
      writeSparse(path);
      const script = `
import sys, zipfile
archive = zipfile.ZipFile(sys.argv[1])
print(len(archive.infolist()), archive.read(archive.infolist()[-1]).decode())
archive.open(archive.infolist()[44]).read(10)`;
      expect(python(script, path).trim()).toBe(`${count + 1} behind 4 GiB`);
      expect(run('unzip', '-p', path, 'last-*')).toBe('behind 4 GiB');
      expect(run('7z', 'x', '-so', path, last.name)).toBe('behind 4 GiB');
      rmSync(path);
    },
  );
});
