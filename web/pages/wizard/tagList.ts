/** Tags of a template as people read them: each once, with what it is in. */
import type { Tag } from '../../../shared/schemas/common.ts';

export interface ListedTag {
  readonly tag: Tag;
  /** How often it stands there. */
  readonly count: number;
  /** Tags within it, where it repeats or shows something. */
  readonly inside: readonly ListedTag[];
}

type Open = { -readonly [K in keyof ListedTag]: ListedTag[K] } & { inside: Open[] };

/** In the order in which they first appear. */
export function listTags(tags: readonly Tag[]): readonly ListedTag[] {
  const root: Open[] = [];
  const byPlace = new Map<string, Open>();
  const keyOf = (path: readonly string[], name: string, kind: string) =>
    JSON.stringify([path, name, kind === 'value']);
  for (const tag of tags) {
    const key = keyOf(tag.path, tag.name, tag.kind) + tag.kind;
    const known = byPlace.get(key);
    if (known) {
      known.count++;
      continue;
    }
    const listed: Open = { tag, count: 1, inside: [] };
    byPlace.set(key, listed);
    const around = tag.path.at(-1);
    const path = tag.path.slice(0, -1);
    const parent =
      around === undefined
        ? undefined
        : (byPlace.get(`${keyOf(path, around, 'section')}section`) ??
          byPlace.get(`${keyOf(path, around, 'inverted')}inverted`));
    (parent?.inside ?? root).push(listed);
  }
  return root;
}

/** Names of what rows fill in, each once. */
export const countTags = (tags: readonly Tag[]): number =>
  new Set(tags.map(({ path, name }) => JSON.stringify([path, name]))).size;
