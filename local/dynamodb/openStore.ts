/** The LevelDB folder of the tables. */
import dynalite, { type Store } from 'dynalite/db/index.js';
import { mkdir } from 'node:fs/promises';
import { notOpened } from './openingFaults.ts';

/** @throws Error with what is wrong with the folder, and what to do */
export async function openStore(dir: string): Promise<Store> {
  const store = dynalite.create({ path: dir });
  try {
    await mkdir(dir, { recursive: true });
    await store.db.open();
  } catch (cause) {
    throw notOpened(dir, cause);
  }
  closeIterators(store);
  return store;
}

/**
 * Has dynalite close what it reads by. It means to, by a `return` that the iterators of abstract-level do not have: each stays
 * open until the process ends, with 20 KB for every query, and LevelDB keeps what was written over since.
 */
function closeIterators({ db }: Store): void {
  const values = db.values.bind(db);
  db.values = (options) => {
    const iterator = values(options);
    return Object.assign(iterator, { return: () => iterator.close() });
  };
}
