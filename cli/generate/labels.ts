/** What tasks are called that are made of a file each: by these names people know them, and places are told apart. */
import { basename, dirname } from 'node:path';
import { foldName } from '../../shared/rendering/safeNames.ts';

/** Folders of a path that a name may take in. */
const MOST_FOLDERS = 8;

/** The name of a file without its ending; never one that leads to another folder, or that Windows cuts. */
export const stemOf = (path: string): string => named(basename(path).replace(ENDING, ''));

const ENDING = /(?<=.)\.[^.]+$|(?<=.)\.[^.]+\.gz$/i;
const named = (name: string) => name.replace(/[. ]+$/, '') || 'input';

/**
 * A name for each file: its own, and as much more as it takes to tell them apart on any disk. jan.csv and
 * jan.xlsx are called so, north/jan.csv and south/jan.csv are north-jan and south-jan.
 */
export function labelsOf(paths: readonly string[]): string[] {
  const ways = paths.map(waysToCall);
  const at = paths.map(() => 0);
  for (;;) {
    const labels = ways.map((way, index) => way[at[index] ?? 0] ?? '');
    const counts = new Map<string, number>();
    for (const label of labels) counts.set(foldName(label), (counts.get(foldName(label)) ?? 0) + 1);
    let hasChanged = false;
    for (const [index, label] of labels.entries()) {
      const next = (at[index] ?? 0) + 1;
      if (counts.get(foldName(label)) === 1 || next >= (ways[index]?.length ?? 0)) continue;
      at[index] = next;
      hasChanged = true;
    }
    if (!hasChanged) return numbered(labels);
  }
}

/** From the shortest on. */
function waysToCall(path: string): string[] {
  const ways = [stemOf(path), named(basename(path))];
  let before = '';
  let folder = dirname(path);
  for (let depth = 0; depth < MOST_FOLDERS; depth++) {
    const name = basename(folder);
    if (name === '' || name === '.' || name === '..') break;
    before = `${name}-${before}`;
    ways.push(before + stemOf(path), before + named(basename(path)));
    folder = dirname(folder);
  }
  return ways;
}

/** Those that are still alike, such as one behind a link, are counted. */
function numbered(labels: readonly string[]): string[] {
  const taken = new Set<string>();
  const nexts = new Map<string, number>();
  return labels.map((label) => {
    let own = label;
    let nth = nexts.get(foldName(label)) ?? 1;
    while (taken.has(foldName(own))) own = `${label}-${++nth}`;
    nexts.set(foldName(label), nth);
    taken.add(foldName(own));
    return own;
  });
}
