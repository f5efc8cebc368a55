import { existsSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { diskFault, explained, inPlainWords, isFull } from '../../../../local/disk/diskFault.ts';
import { createFaultReport } from '../../../../local/disk/faultReport.ts';

const errno = (code: string, path?: string) =>
  Object.assign(new Error(`${code}: no, write`), { code, syscall: 'write', path });
/** As LevelDB says it. */
const level = (words: string) =>
  new Error('Database failed to open', { cause: new Error(`IO error: /t/LOCK: ${words}`) });

/** What a device that is full says to whoever writes. */
function writeToFullDevice(): unknown {
  try {
    writeFileSync('/dev/full', 'x');
    return undefined;
  } catch (error) {
    return error;
  }
}

describe('a fault of the disk', () => {
  it.each([
    ['ENOSPC', errno('ENOSPC'), true],
    ['EDQUOT', errno('EDQUOT'), true],
    ['EROFS', errno('EROFS'), false],
    ['EACCES', errno('EACCES'), false],
    ['ENOSPC', new Error('outer', { cause: errno('ENOSPC') }), true],
    ['ENOSPC', level('No space left on device'), true],
    ['EDQUOT', level('Disk quota exceeded'), true],
    ['EROFS', level('Read-only file system'), false],
    ['EACCES', level('Permission denied'), false],
  ])('is known by its code or its words, in causes too: %s', (code, error, full) => {
    const fault = diskFault(error);
    expect(fault?.code).toBe(code);
    expect(fault && isFull(fault)).toBe(full);
  });

  it.skipIf(!existsSync('/dev/full'))('is what a full device gives', () => {
    expect(diskFault(writeToFullDevice())).toMatchObject({ code: 'ENOSPC' });
  });

  it('is none of what is not from the disk', () => {
    const circular = new Error('round');
    circular.cause = circular;
    for (const error of [new Error('other'), errno('ECONNRESET'), 'text', undefined, circular]) {
      expect(diskFault(error)).toBeUndefined();
    }
  });

  it('is told with what could not be done and what to do', () => {
    const said = (code: string) => inPlainWords(explained(errno(code), 'It stops', 'Do this.'));
    expect(said('ENOSPC')).toBe(
      'It stops: the disk is full (ENOSPC). Make room, then start again: nothing is lost.',
    );
    expect(said('EACCES')).toBe('It stops: this user may not (EACCES). Do this.');
    expect(said('ECONNRESET')).toBe('ECONNRESET: no, write');
    expect(inPlainWords(errno('EACCES', '/data/x'))).toBe(
      '/data/x cannot be used: this user may not (EACCES).',
    );
  });
});

describe('the report of faults', () => {
  it('tells of one once, until something succeeds or another comes', () => {
    const told: string[] = [];
    const report = createFaultReport((fault) => told.push(fault));
    for (let i = 0; i < 3; i++) expect(report.failed(errno('ENOSPC'))).toMatch('the disk is full');
    expect(report.failed(new Error('other'))).toBeUndefined();
    expect(told).toHaveLength(1);
    report.failed(errno('EROFS'));
    report.succeeded();
    report.failed(errno('EROFS'));
    expect(told.map((fault) => fault.slice(-8))).toEqual(['(ENOSPC)', ' (EROFS)', ' (EROFS)']);
  });
});
