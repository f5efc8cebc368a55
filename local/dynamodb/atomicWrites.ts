/** Makes each write of dynalite one atomic step, in the table and in its indexes alike. */
import type { Operation, Store, SubStore } from 'dynalite/db/index.js';
import type { Item } from './capacity.ts';

/** What a write met and left, by which its capacity is counted. */
export interface WriteTrace {
  /** Whether it got as far as looking at the item: what is refused before costs nothing. */
  reached: boolean;
  /** Undefined when there was none. */
  before?: Item | undefined;
  /** Undefined when it was removed, or while nothing was written. */
  after?: Item | undefined;
  /** False when a condition did not hold. */
  written: boolean;
}

/**
 * A view of the store for one PutItem, UpdateItem or DeleteItem. By itself dynalite writes each index
 * and then the item, one after the other: a process that is killed in between would leave an index that
 * shows what the table does not hold. Here the index writes wait, and go out with the item in one batch.
 * @param trace filled in as the write goes on
 */
export function atomicView(store: Store, trace: WriteTrace): Store {
  const waiting: Operation[] = [];

  function inOneBatch(tableName: string): SubStore {
    const items = store.getItemDb(tableName);
    const prefix = `item-${tableName}~`;
    return {
      ...items,
      get: (key, done) =>
        items.get(key, (error, value) => {
          Object.assign(trace, { before: value, reached: true });
          done(error, value);
        }),
      put(key, value, done) {
        Object.assign(trace, { after: value, written: true });
        store.db.batch([...waiting, { type: 'put', key: prefix + key, value }], done);
      },
      del(key, done) {
        trace.written = true;
        store.db.batch([...waiting, { type: 'del', key: prefix + key }], done);
      },
    };
  }

  function waitingWrites(kind: string, tableName: string, indexName: string): SubStore {
    const prefix = `index-${kind.toLowerCase()}~${tableName}~${indexName}~`;
    return {
      ...store.getIndexDb(kind, tableName, indexName),
      put(key, value, done) {
        waiting.push({ type: 'put', key: prefix + key, value });
        done();
      },
      del(key, done) {
        waiting.push({ type: 'del', key: prefix + key });
        done();
      },
    };
  }

  return { ...store, getItemDb: inOneBatch, getIndexDb: waitingWrites };
}
