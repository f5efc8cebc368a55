import type { Operation, Store } from 'dynalite/db/index.js';
import { describe, expect, it } from 'vitest';
import { guardWrites } from '../../../../local/dynamodb/guardWrites.ts';

/** A store whose writes end as they are told to, in any order. */
function givenStore() {
  const ends: ((error?: Error) => void)[] = [];
  const db = {
    batch: (_operations: readonly Operation[], done: (error?: Error) => void) => {
      ends.push(done);
    },
  };
  const failures: Error[] = [];
  guardWrites({ db } as unknown as Pick<Store, 'db'>, (error) => failures.push(error));
  const write = () =>
    new Promise<string>((resolve) => {
      db.batch([], (error?: Error) => resolve(error ? error.message : 'written'));
    });
  return { write, ends, failures };
}

describe('guardWrites', () => {
  it('lets writes through', async () => {
    const { write, ends, failures } = givenStore();
    const written = write();
    ends.shift()?.();
    expect(await written).toBe('written');
    expect(failures).toEqual([]);
  });

  it('fails every write from the first failure on, those under way included, and says so once', async () => {
    const { write, ends, failures } = givenStore();
    const [failed, beside] = [write(), write()];
    ends.shift()?.(new Error('No space left on device'));
    ends.shift()?.();
    expect(await failed).toBe('No space left on device');
    expect(await beside).toBe('No space left on device');
    expect(await write()).toBe('No space left on device');
    expect(ends).toHaveLength(0);
    expect(failures.map(({ message }) => message)).toEqual(['No space left on device']);
  });
});
