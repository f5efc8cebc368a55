/** What is told when a task is created: tags that no column fills, and columns that no tag reads. */
import * as z from 'zod';
import type { Tag } from '../schemas/common.ts';
import {
  createFilling,
  valueTags,
  type Columns,
  type Filling,
  type ReadTag,
  type UnfilledTag,
} from './fill.ts';
import { quoteName, quoteTag } from './quoteName.ts';
import { resolveMapping, type Mapping, type MappingFault } from './mapping.ts';
import {
  createSpellings,
  SpellingsSchema,
  type FoundSpellings,
  type Spellings,
} from './spellings.ts';

/** Tags without a column that are named one by one, and columns without a tag: the others are counted. */
const LISTED = 10;

/** A tag, as far as it matters for the column that it reads. */
type ComparedTag = ReadTag & Pick<Tag, 'isMergeField'>;

export interface TaskNames {
  readonly templates: readonly { readonly label: string; readonly tags: readonly ComparedTag[] }[];
  /** What the names of documents are made of. */
  readonly fileNameTags: readonly string[];
  readonly columns: Columns;
  readonly missingValue: 'empty' | 'error';
  /** Columns that are named for tags. */
  readonly mapping?: Mapping | undefined;
}

/** Spellings of a task as they are stored: by template, and of the names of documents. */
export const TaskSpellingsSchema = z.object({
  templates: z.array(SpellingsSchema),
  fileName: SpellingsSchema,
  /** What people said, for all of them. */
  mapping: SpellingsSchema.optional(),
});
export type StoredSpellings = z.infer<typeof TaskSpellingsSchema>;

export interface ComparedNames {
  /** In sentences, at most some dozen. */
  readonly warnings: readonly string[];
  /** Absent when every tag is spelt like its column: the usual case. */
  readonly spellings?: StoredSpellings;
  /** What is wrong with the mapping. */
  readonly mappingFaults?: readonly MappingFault[];
}

/** A tag that no column fills. */
export interface UnfilledName extends UnfilledTag {
  /** 0-based number of the template; undefined for the pattern of file names. */
  readonly template: number | undefined;
  /** Columns that it is near to, of which none is taken. */
  readonly choice: readonly string[] | undefined;
}

/** What comparing gave, tag by tag. */
export interface NameComparison {
  /** Those of the pattern of file names first. */
  readonly unfilled: readonly UnfilledName[];
  /** Names that are spelt otherwise than their column in more than people overlook, with that column. */
  readonly matched: readonly (readonly [name: string, column: string])[];
  /** Columns that no tag reads. */
  readonly unused: readonly string[];
  /** By template, then of the pattern of file names. */
  readonly spellings: readonly (Spellings | undefined)[];
  /** As they are stored; absent when every tag is spelt like its column: the usual case. */
  readonly stored?: StoredSpellings;
  readonly mappingFaults: readonly MappingFault[];
}

/** Compares names of tags with columns, once for all rows. */
export function compareNames({
  templates,
  fileNameTags,
  columns,
  mapping = {},
}: Omit<TaskNames, 'missingValue'>): NameComparison {
  const pattern = valueTags(fileNameTags);
  const { mapped, faults } = resolveMapping(
    mapping,
    [...pattern, ...templates.flatMap(({ tags }) => tags)].map(({ name }) => name),
    columns.names,
  );
  const spellingsOf = createSpellings(columns.names);
  const fill = createFilling(columns);
  const found = [...templates.map(({ tags }) => tags), pattern].map((tags) =>
    spellingsOf(tags.filter(({ name }) => !mapped.has(name))),
  );
  const spellings = found.map(({ spellings: its }): Spellings | undefined =>
    its || mapped.size > 0 ? { get: (name) => its?.get(name), mapped } : undefined,
  );
  const filled = templates.map(({ tags }, i) => fill(tags, spellings[i]));
  const inNames = fill(pattern, spellings.at(-1));
  const unfilledIn = ({ unfilled }: Filling, template: number | undefined) =>
    unfilled.map((tag): UnfilledName => ({ ...tag, template, choice: choiceOf(tag.name, found) }));

  const used = [inNames, ...filled].map((filling) => filling.used);
  const differ = mapped.size > 0 || found.some((each) => each.spellings !== undefined);
  const records = found.map((each) => stored(each.spellings));
  return {
    unfilled: [
      ...unfilledIn(inNames, undefined),
      ...filled.flatMap((filling, i) => unfilledIn(filling, i)),
    ],
    matched: [
      ...new Map(found.flatMap(({ matched }) => matched.map(({ name, column }) => [name, column]))),
    ],
    unused: columns.names.filter(
      (name, i) => !columns.untold?.has(name) && !used.some((numbers) => numbers.has(i)),
    ),
    spellings,
    ...(differ && {
      stored: {
        templates: records.slice(0, -1),
        fileName: records.at(-1) ?? {},
        ...(mapped.size > 0 && { mapping: stored(mapped) }),
      },
    }),
    mappingFaults: faults,
  };
}

/** The same for a task, in sentences. */
export function compareTask(names: TaskNames): ComparedNames {
  const { templates, missingValue } = names;
  const { unfilled, matched, unused, stored: spellings, mappingFaults } = compareNames(names);
  const warnings = unfilled
    .slice(0, LISTED)
    .map((tag) =>
      tag.template === undefined
        ? unfilledWarning(tag, ' of fileName', 'names of documents go without it')
        : unfilledWarning(
            tag,
            templates.length > 1 ? ` of ${quoteName(templates[tag.template]?.label ?? '')}` : '',
            unfilledEffect(missingValue, tag.kind),
          ),
    );
  const more = unfilled.length - warnings.length;
  if (more > 0) {
    warnings.push(`And ${more} more ${more === 1 ? 'tag is' : 'tags are'} filled by no column.`);
  }
  if (matched.length > 0) warnings.push(matchedWarning(matched));
  if (unused.length > 0) warnings.push(unusedWarning(entriesAsOne(unused)));
  return {
    warnings,
    ...(spellings && { spellings }),
    ...(mappingFaults.length > 0 && { mappingFaults }),
  };
}

const stored = (
  spellings: ReadonlyMap<string, readonly string[]> | undefined,
): Record<string, string[]> =>
  Object.fromEntries(Array.from(spellings ?? [], ([name, keys]) => [name, [...keys]]));

/** Columns that a name is near to, of which none is taken. */
const choiceOf = (name: string, found: readonly FoundSpellings[]) =>
  found.flatMap(({ ambiguous }) => ambiguous).find((each) => each.name === name)?.columns;

function matchedWarning(pairs: readonly (readonly [string, string])[]): string {
  const listed = pairs
    .slice(0, LISTED)
    .map(([name, column]) => `${quoteTag(name)} from ${quoteName(column)}`);
  const more = pairs.length - listed.length;
  const tail = more > 0 ? `, and ${more} more` : '';
  return `Filled from columns that are spelt otherwise: ${listed.join(', ')}${tail}. If one is wrong, say which column it is in options.mapping.`;
}

type Kind = Tag['kind'];

const LEFT_OUT: Pick<Record<Kind, string>, 'section' | 'inverted'> = {
  section: 'what is in it is left out of every document',
  inverted: 'what is in it stays in every document',
};
const EFFECTS: Record<TaskNames['missingValue'], Record<Kind, string>> = {
  empty: { value: 'it stays blank', ...LEFT_OUT },
  error: { value: 'rows fail for it', ...LEFT_OUT },
};
/** What stands before the name of a tag. */
export const SIGNS: Record<Kind, string> = { value: '', section: '#', inverted: '^' };

/** What only a language of formulas would compute: conditions, sums. */
const FORMULA = /[|=<>*+]|&&|\s[-/?:]\s/;
const NO_FORMULAS =
  ' Conditions and formulas are not computed: a tag is the name of a column, perhaps with formats.';

/** What becomes of a document whose tag no column fills, as part of a sentence. */
export const unfilledEffect = (missingValue: TaskNames['missingValue'], kind: Kind): string =>
  EFFECTS[missingValue][kind];

function unfilledWarning(tag: UnfilledName, place: string, effect: string) {
  const { name, kind } = tag;
  return `No column fills the tag ${quoteTag(name, SIGNS[kind])}${place}: ${effect}.${unfilledHint(tag)}`;
}

/** What to do about it, as a sentence behind a space; empty where nobody knows. */
export const unfilledHint = ({ name, nearest, choice }: UnfilledName): string =>
  choice
    ? ` It may be ${choice.slice(0, LISTED).map(quoteName).join(' or ')}: say which in options.mapping.`
    : nearest !== undefined
      ? ` Did you mean the column ${quoteName(nearest)}?`
      : FORMULA.test(name)
        ? NO_FORMULAS
        : '';

function unusedWarning(columns: readonly string[]): string {
  const listed = columns.slice(0, LISTED).map(quoteName);
  const more = columns.length - listed.length;
  if (more > 0) return `No tag reads the columns ${listed.join(', ')} and ${more} more.`;
  const last = listed.pop() ?? '';
  if (listed.length === 0) return `No tag reads the column ${last}.`;
  return `No tag reads the columns ${listed.join(', ')} and ${last}.`;
}

/** The first of the columns that differ by the numbers of lists' entries alone. */
function entriesAsOne(columns: readonly string[]): string[] {
  const seen = new Set<string>();
  return columns.filter((column) => {
    const shape = column.replace(/\[\d+\]/g, '[]');
    return !seen.has(shape) && seen.add(shape);
  });
}
