/**
 * Takes locks, each at a time that other processes try the same, and holds them to its end.
 * Arguments: the folder, when the first is due (ms since 1970), how many. Prints the numbers of those it got.
 */
import { join } from 'node:path';
import { takeLock } from '../../local/disk/lockFile.ts';

const APART_MS = 15;
const [folder = '', dueAt, count] = process.argv.slice(2);
const got: number[] = [];
for (let nth = 0; nth < Number(count); nth++) {
  while (Date.now() < Number(dueAt) + nth * APART_MS);
  if ('release' in takeLock(join(folder, `lock-${nth}`))) got.push(nth);
}
process.stdout.write(JSON.stringify(got), () => {
  // The locks are held until all have tried.
  process.stdin.resume().on('end', () => process.exit());
});
