import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openCatalogue } from '../../../../local/s3/catalogue.ts';

const object = (etag: string) => ({ content: [], bytes: 0, etag, headers: {}, modified: 1 });
const put = (key: string, etag = key) =>
  ({ do: 'put', bucket: 'b', key, object: object(etag) }) as const;

describe('the catalogue', () => {
  let dir: string;
  let file: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'sheaf-catalogue-'));
    file = join(dir, 'catalogue.jsonl');
  });
  afterEach(() => {
    rmSync(dir, { recursive: true });
  });

  /** Opens, works and closes. */
  function withCatalogue<T>(work: (catalogue: ReturnType<typeof openCatalogue>) => T): T {
    const catalogue = openCatalogue(file);
    try {
      return work(catalogue);
    } finally {
      catalogue.close();
    }
  }
  const keys = () => withCatalogue((catalogue) => catalogue.keys('b'));

  it('is what it was when it is opened again', () => {
    withCatalogue((catalogue) => {
      catalogue.apply(put('a'));
      catalogue.apply(put('b'));
      catalogue.apply({ do: 'delete', bucket: 'b', key: 'a' });
      const begin = { do: 'begin', bucket: 'b', headers: {}, begun: 5 } as const;
      catalogue.apply({ ...begin, uploadId: 'one', key: 'k' });
      catalogue.apply({ ...begin, uploadId: 'two', key: 'k' });
      catalogue.apply({ do: 'part', uploadId: 'one', partNumber: 2, part: object('p') });
      catalogue.apply({ do: 'complete', uploadId: 'two', object: object('joined') });
    });
    withCatalogue((catalogue) => {
      expect(catalogue.keys('b')).toEqual(['b', 'k']);
      expect(catalogue.object('b', 'k')?.etag).toBe('joined');
      expect(catalogue.upload('one')?.parts.get(2)?.etag).toBe('p');
      expect(catalogue.upload('two')).toBeUndefined();
    });
  });

  it('forgets a line that a killed process was writing, and goes on', () => {
    withCatalogue((catalogue) => {
      catalogue.apply(put('a'));
      catalogue.apply(put('b'));
    });
    truncateSync(file, readFileSync(file).length - 3);
    expect(keys()).toEqual(['a']);
    withCatalogue((catalogue) => {
      catalogue.apply(put('c'));
    });
    expect(keys()).toEqual(['a', 'c']);
  });

  it('refuses to open over lines that it cannot read', () => {
    withCatalogue((catalogue) => {
      catalogue.apply(put('a'));
    });
    appendFileSync(file, '{"do":"something new"}\n');
    expect(keys).toThrow('another version');
  });

  it('is rewritten when most of its lines say nothing any more', () => {
    withCatalogue((catalogue) => {
      for (let i = 0; i < 1500; i++) catalogue.apply(put('same', String(i)));
      const begin = { do: 'begin', bucket: 'b', key: 'k', headers: {}, begun: 5 } as const;
      catalogue.apply({ ...begin, uploadId: 'one' });
      catalogue.apply({ do: 'part', uploadId: 'one', partNumber: 2, part: object('p') });
    });
    expect(keys()).toEqual(['same']);
    expect(readFileSync(file, 'utf8').trim().split('\n')).toHaveLength(3);
    withCatalogue((catalogue) => {
      expect(catalogue.object('b', 'same')?.etag).toBe('1499');
      expect(catalogue.upload('one')?.parts.get(2)?.etag).toBe('p');
    });
  });
});
