/** Reads the definition of each table once. */
import type { Done, Store } from 'dynalite/db/index.js';

/**
 * dynalite reads a table's definition from the disk at each of its operations; while the engine is open
 * nobody changes one. DescribeTable, which works on what it is given, goes on to get its own.
 */
export function keepDefinitions(store: Store): void {
  const read = store.getTable.bind(store);
  const known = new Map<string, object>();
  store.getTable = (name, checkStatus, done) => {
    if (typeof checkStatus !== 'function') {
      read(name, checkStatus, done);
      return;
    }
    const table = known.get(name);
    if (table) {
      checkStatus(null, table);
      return;
    }
    const keep: Done<object> = (error, found) => {
      if (!error && found) known.set(name, found);
      checkStatus(error, found);
    };
    read(name, keep);
  };
}
