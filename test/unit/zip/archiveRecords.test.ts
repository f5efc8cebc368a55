import { describe, expect, it } from 'vitest';
import {
  directoryRecord,
  endRecords,
  localHeader,
  readDirectory,
  shiftDirectory,
} from '../../../shared/zip/archiveRecords.ts';

const GiB = 1024 ** 3;
const entry = (name: string, size = 5) => ({ name, size, crc: 0xdeadbeef });
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const FIRST_ROOM = 46 + 'a.docx'.length;

describe('localHeader', () => {
  it('states size, CRC, UTF-8 and the fixed time, and has no descriptor and no extra field', () => {
    expect(hex(localHeader(entry('a.docx')))).toBe(
      // signature, version 1.0, flag bit 11, stored, 00:00, 1980-01-01
      '504b0304' +
        '0a00' +
        '0008' +
        '0000' +
        '0000' +
        '2100' +
        // CRC, both sizes, length of the name and of the extra field, name
        'efbeadde' +
        '05000000' +
        '05000000' +
        '0600' +
        '0000' +
        hex(Buffer.from('a.docx')),
    );
  });

  it('carries both sizes in a ZIP64 field from 4 GiB on', () => {
    const header = Buffer.from(localHeader(entry('m', 5 * GiB)));
    expect(header.readUInt16LE(4)).toBe(45);
    expect(header.readUInt32LE(18)).toBe(0xffffffff);
    expect(header.readUInt32LE(22)).toBe(0xffffffff);
    expect(hex(header.subarray(30, 35))).toBe('6d' + '0100' + '1000');
    expect(header.readBigUInt64LE(35)).toBe(BigInt(5 * GiB));
    expect(header.readBigUInt64LE(43)).toBe(BigInt(5 * GiB));
    expect(header).toHaveLength(51);
  });
});

describe('directoryRecord', () => {
  it('is made on Unix with mode 0644, says UTF-8, and keeps room by a growth hint', () => {
    const record = Buffer.from(directoryRecord(entry('a.docx'), 7));
    expect(record.readUInt16LE(4)).toBe(0x032d);
    expect(record.readUInt16LE(6)).toBe(10);
    expect(record.readUInt16LE(8)).toBe(0x0800);
    expect(record.readUInt32LE(38)).toBe(0o100644 * 2 ** 16);
    expect(record.readUInt32LE(42)).toBe(7);
    expect(hex(record.subarray(FIRST_ROOM))).toBe('20a2' + '0800' + '28a0' + '0400' + '00000000');
  });

  it('carries sizes and offset in a ZIP64 field when the entry has 4 GiB', () => {
    const record = Buffer.from(directoryRecord(entry('m', 5 * GiB), 9));
    expect(record.readUInt32LE(42)).toBe(0xffffffff);
    expect(hex(record.subarray(47, 51))).toBe('0100' + '1800');
    expect(record.readBigUInt64LE(51)).toBe(BigInt(5 * GiB));
    expect(record.readBigUInt64LE(59)).toBe(BigInt(5 * GiB));
    expect(record.readBigUInt64LE(67)).toBe(9n);
  });
});

describe('shiftDirectory', () => {
  it.each([
    [0, 0],
    [10, 4 * GiB - 12],
    [10, 4 * GiB - 11],
    [10, 4 * GiB],
    [3 * GiB, 40_000 * GiB],
    [5 * GiB, 5 * GiB],
  ])('moves an offset of %d by %d within the same bytes', (offset, by) => {
    const directory = directoryRecord(entry('a.docx'), offset);
    shiftDirectory(directory, by);
    expect(hex(directory)).toBe(hex(directoryRecord(entry('a.docx'), offset + by)));
  });

  it('uses ZIP64 exactly when 32 bits do not hold the offset', () => {
    const below = Buffer.from(directoryRecord(entry('a.docx'), 0xfffffffe));
    const above = Buffer.from(directoryRecord(entry('a.docx'), 0xffffffff));
    expect([below.readUInt16LE(6), below.readUInt32LE(42)]).toEqual([10, 0xfffffffe]);
    expect([above.readUInt16LE(6), above.readUInt32LE(42)]).toEqual([45, 0xffffffff]);
    expect(hex(above.subarray(FIRST_ROOM))).toBe('0100' + '0800' + 'ffffffff00000000');
  });

  it('moves every record', () => {
    const directory = Buffer.concat([
      directoryRecord(entry('a.docx'), 0),
      directoryRecord(entry('陳.docx'), 41),
      directoryRecord(entry('c.docx'), 84),
    ]);
    shiftDirectory(directory, 5 * GiB);
    expect(readDirectory(directory)).toMatchObject([
      { name: 'a.docx', headerOffset: 5 * GiB, offset: 5 * GiB + 36, size: 5 },
      { name: '陳.docx', headerOffset: 5 * GiB + 41, offset: 5 * GiB + 41 + 38, size: 5 },
      { name: 'c.docx', offset: 5 * GiB + 84 + 36, size: 5 },
    ]);
  });

  it('refuses bytes that are not whole records', () => {
    const record = directoryRecord(entry('a.docx'), 0);
    expect(() => shiftDirectory(record.subarray(0, 20), 1)).toThrow('damaged at byte 0');
    expect(() => shiftDirectory(record.subarray(0, -1), 1)).toThrow('damaged at byte 0');
    expect(() => shiftDirectory(Buffer.concat([record, Buffer.from('PK')]), 1)).toThrow(
      `damaged at byte ${record.length}`,
    );
    expect(() => shiftDirectory(Buffer.concat([record, Buffer.alloc(64)]), 1)).toThrow(
      `damaged at byte ${record.length}`,
    );
  });
});

describe('endRecords', () => {
  const classic = { entries: 65_534, offset: 0xfffffffe, bytes: 0xfffffffe };

  it('is the classic record alone as long as every number fits', () => {
    expect(hex(endRecords(classic))).toBe(
      '504b0506' + '0000' + '0000' + 'feff' + 'feff' + 'feffffff' + 'feffffff' + '0000',
    );
  });

  it.each([
    ['65,535 entries', { ...classic, entries: 65_535 }],
    ['a directory that begins at 4 GiB', { ...classic, offset: 0xffffffff }],
    ['a directory of 4 GiB', { ...classic, bytes: 0xffffffff }],
    ['millions of entries', { entries: 70_000_000, offset: 900 * GiB, bytes: 6 * GiB }],
  ])('has the ZIP64 records before it for %s', (_, directory) => {
    const records = Buffer.from(endRecords(directory));
    expect(records).toHaveLength(56 + 20 + 22);
    expect(hex(records.subarray(0, 24))).toBe(
      '504b0606' + '2c00000000000000' + '2d03' + '2d00' + '00000000' + '00000000',
    );
    expect([24, 32, 40, 48].map((at) => Number(records.readBigUInt64LE(at)))).toEqual([
      directory.entries,
      directory.entries,
      directory.bytes,
      directory.offset,
    ]);
    expect(hex(records.subarray(56, 64))).toBe('504b0607' + '00000000');
    expect(Number(records.readBigUInt64LE(64))).toBe(directory.offset + directory.bytes);
    expect(records.readUInt32LE(72)).toBe(1);
    expect(records.readUInt16LE(86)).toBe(Math.min(directory.entries, 0xffff));
    expect(records.readUInt32LE(88)).toBe(Math.min(directory.bytes, 0xffffffff));
    expect(records.readUInt32LE(92)).toBe(Math.min(directory.offset, 0xffffffff));
  });
});
