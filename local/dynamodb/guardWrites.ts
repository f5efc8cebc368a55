/** Ends all writing after a write that failed. */
import type { Store } from 'dynalite/db/index.js';

/**
 * LevelDB takes further writes behind one that failed, as on a full disk, but finds none of them when it
 * is opened again. What is answered must not be lost: from the first failure on, every write fails.
 * @param onBroken told of the failure, once
 */
export function guardWrites({ db }: Pick<Store, 'db'>, onBroken: (error: Error) => void): void {
  const batch = db.batch.bind(db);
  let broken: Error | undefined;
  db.batch = (operations, done) => {
    if (broken) {
      done(broken);
      return;
    }
    batch(operations, (error) => {
      if (error && !broken) {
        broken = error;
        onBroken(error);
      }
      // One that was under way beside the failed one may be lost as well.
      done(broken);
    });
  };
}
