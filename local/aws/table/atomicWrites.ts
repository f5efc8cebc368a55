/** Makes each write of dynalite one atomic step, in the table and in its indexes alike. */
import type { Operation, Store, SubStore } from 'dynalite/db/index.js';

/**
 * A view of the store for one PutItem, UpdateItem or DeleteItem. By itself dynalite writes each index
 * and then the item, one after the other: a process that is killed in between would leave an index that
 * shows what the table does not hold. Here the index writes wait, and go out with the item in one batch.
 */
export function atomicView(store: Store): Store {
  const waiting: Operation[] = [];

  function inOneBatch(tableName: string): SubStore {
    const items = store.getItemDb(tableName);
    const prefix = `item-${tableName}~`;
    return {
      ...items,
      put: (key, value, done) =>
        store.db.batch([...waiting, { type: 'put', key: prefix + key, value }], done),
      del: (key, done) => store.db.batch([...waiting, { type: 'del', key: prefix + key }], done),
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
