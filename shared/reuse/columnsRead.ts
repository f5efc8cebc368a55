/** Which columns of a row its documents may be made from. */
import { mayBePath, stepsOf } from '../columns/columnPath.ts';
import type { Spellings } from '../columns/spellings.ts';
import type { Tag } from '../schemas/common.ts';
import { tagsRead } from '../tags/compileFormats.ts';

export interface ColumnsRead {
  /** Fields of the row itself, in a fixed order; undefined when it may be any. */
  readonly keys: readonly string[] | undefined;
  /** Every name that is looked up, with what its spellings say of it: the same names may read other columns. */
  readonly spelt: readonly (readonly [string, readonly string[], readonly string[]])[];
}

/**
 * What filling a template may look at of a row, as tags/readPath.ts reads it: rather too much than too
 * little. A column counts as a whole, with all that is in it.
 */
export function columnsRead(tags: readonly Tag[], spellings: Spellings | undefined): ColumnsRead {
  const names = new Set(tagsRead(tags).map(({ name }) => name));
  const lookedUp = new Set([...names].flatMap((name) => [name, ...everyStep(name)]));
  const keys = new Set([...names].flatMap((name) => [name, ...firstSteps(name)]));
  const spelt = [...lookedUp].sort().map((name) => {
    const further = spellings?.get(name) ?? [];
    const mapped = spellings?.mapped?.get(name) ?? [];
    // Of a step further in, rather too much: it may be that of the row as well.
    for (const key of further) keys.add(key);
    for (const path of mapped) for (const key of [path, ...firstSteps(path)]) keys.add(key);
    return [name, further, mapped] as const;
  });
  // What stands there may be the row itself.
  const isWhole = names.has('.');
  return { keys: isWhole ? undefined : [...keys].sort(), spelt };
}

/** Every name that is looked up on the way that a name describes, by its dots or by its brackets. */
const everyStep = (name: string): string[] =>
  mayBePath(name)
    ? [...name.split('.'), ...stepsOf(name).filter((step) => typeof step === 'string')]
    : [];

/** The fields of the row that a name may lead through, by its dots and by its brackets. */
function firstSteps(name: string): string[] {
  if (!mayBePath(name)) return [];
  const [step] = stepsOf(name);
  const [beforeDot = name] = name.split('.');
  return [beforeDot, ...(typeof step === 'string' ? [step] : [])];
}
