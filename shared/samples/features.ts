/**
 * What is worth looking at in the documents of an order: for each tag what may be met where it reads, and a few
 * things of whole rows. Each is known by a number; words are made of it only when it is told.
 */
import { quoteName, quoteTag } from '../columns/quoteName.ts';
import { SIGNS } from '../columns/compareTask.ts';
import type { TagTree } from '../tags/tagTree.ts';
import { TEXT_FEATURES } from './textFeatures.ts';

/** Where a tag reads. */
const TAG_FEATURES = [
  'met',
  'unmet',
  'one',
  'many',
  'unreadable',
  'group',
  'missing',
  'empty',
  ...TEXT_FEATURES,
  'most',
  'longest',
] as const;
export type TagFeature = (typeof TAG_FEATURES)[number];

/** Of a row as a whole. */
const ROW_FEATURES = ['undecided', 'fullest', 'emptiest'] as const;
export type RowFeature = (typeof ROW_FEATURES)[number];

/**
 * How much it matters that a sample shows it: branches of the template first, then what may be wrong, then what
 * may look wrong.
 */
const TIERS: Readonly<Record<TagFeature | RowFeature, 0 | 1 | 2>> = {
  met: 0,
  unmet: 0,
  one: 0,
  many: 0,
  unreadable: 1,
  group: 1,
  missing: 1,
  empty: 1,
  illegal: 1,
  undecided: 1,
  rightToLeft: 2,
  combining: 2,
  emoji: 2,
  lineBreak: 2,
  script: 2,
  most: 2,
  longest: 2,
  fullest: 2,
  emptiest: 2,
};
export const TIER_COUNT = 3;

/** As they follow `{tag}` or stand before it. */
const TAG_WORDS: Readonly<Record<TagFeature, (tag: string) => string>> = {
  met: (tag) => `the condition ${tag} is met`,
  unmet: (tag) => `the condition ${tag} is not met`,
  one: (tag) => `the list ${tag} has one entry`,
  many: (tag) => `the list ${tag} has several entries`,
  most: (tag) => `the most entries of ${tag}`,
  unreadable: (tag) => `a value that ${tag} cannot read`,
  group: (tag) => `a group of values in ${tag}, which cannot be printed`,
  missing: (tag) => `${tag} has no value`,
  empty: (tag) => `${tag} is empty`,
  illegal: (tag) => `characters in ${tag} that no document can hold`,
  rightToLeft: (tag) => `writing from right to left in ${tag}`,
  combining: (tag) => `combining marks in ${tag}`,
  emoji: (tag) => `an emoji in ${tag}`,
  lineBreak: (tag) => `a line break in ${tag}`,
  script: (tag) => `other letters than Latin ones in ${tag}`,
  longest: (tag) => `the longest value of ${tag}`,
};
const EMPTY_LIST = (tag: string) => `the list ${tag} is empty`;

const ROW_WORDS: Readonly<Record<RowFeature, string>> = {
  undecided: 'the filter cannot be decided',
  fullest: 'the most values are filled',
  emptiest: 'the fewest values are filled',
};

/** A template of the order. */
export interface FeaturedTemplate {
  readonly label: string;
  readonly tree: TagTree;
}

export interface Features {
  /** By template and number of the tag. */
  ofTag(template: number, tag: number, feature: TagFeature): number;
  ofRow(feature: RowFeature): number;
  /** A column with a cell that could not be read; undefined for one too many. */
  ofFault(column: string): number | undefined;
  tierOf: (feature: number) => number;
  /** In words, without a value. @param isSeen whether some row shows another one */
  tell(feature: number, isSeen: (feature: number) => boolean): string;
  /** Branches of the templates. */
  branches(isSeen: (feature: number) => boolean): number[];
}

/** Columns whose faults are told apart. */
const MOST_FAULTY_COLUMNS = 100;

export function listFeatures(templates: readonly FeaturedTemplate[]): Features {
  const starts: number[] = [];
  let tags = 0;
  for (const { tree } of templates) {
    starts.push(tags);
    tags += tree.tags.length;
  }
  const rowsFrom = tags * TAG_FEATURES.length;
  const faultsFrom = rowsFrom + ROW_FEATURES.length;
  const faulty: string[] = [];
  const faultNumbers = new Map<string, number>();
  const numbers = Object.fromEntries(TAG_FEATURES.map((name, i) => [name, i])) as Record<
    TagFeature,
    number
  >;

  const ofTag: Features['ofTag'] = (template, tag, feature) =>
    ((starts[template] ?? 0) + tag) * TAG_FEATURES.length + numbers[feature];

  /** Of the feature of a tag. */
  function placeOf(feature: number) {
    const place = Math.floor(feature / TAG_FEATURES.length);
    const template = starts.findLastIndex((start) => start <= place);
    const number = place - (starts[template] ?? 0);
    const tag = templates[template]?.tree.tags[number];
    if (!tag) throw new Error(`There is no feature ${feature}.`);
    return { template, number, tag, name: TAG_FEATURES[feature % TAG_FEATURES.length] };
  }

  function tellTag(feature: number, isSeen: (feature: number) => boolean): string {
    const { template, number, tag, name = 'met' } = placeOf(feature);
    const quoted = quoteTag(tag.expression.told, SIGNS[tag.kind]);
    const isList =
      isSeen(ofTag(template, number, 'one')) || isSeen(ofTag(template, number, 'many'));
    const told = (name === 'unmet' && isList ? EMPTY_LIST : TAG_WORDS[name])(quoted);
    return templates.length === 1 ? told : `${told} (${templates[template]?.label})`;
  }

  return {
    ofTag,
    ofRow: (feature) => rowsFrom + ROW_FEATURES.indexOf(feature),
    ofFault(column) {
      const present = faultNumbers.get(column);
      if (present !== undefined || faulty.length === MOST_FAULTY_COLUMNS) return present;
      const made = faultsFrom + faulty.length;
      faulty.push(column);
      faultNumbers.set(column, made);
      return made;
    },
    tierOf(feature) {
      if (feature >= faultsFrom) return 1;
      const name =
        feature >= rowsFrom
          ? ROW_FEATURES[feature - rowsFrom]
          : TAG_FEATURES[feature % TAG_FEATURES.length];
      return TIERS[name ?? 'longest'];
    },
    tell(feature, isSeen) {
      if (feature >= faultsFrom) {
        return `a cell of the column ${quoteName(faulty[feature - faultsFrom] ?? '')} that could not be read`;
      }
      if (feature >= rowsFrom) return ROW_WORDS[ROW_FEATURES[feature - rowsFrom] ?? 'fullest'];
      return tellTag(feature, isSeen);
    },
    branches: (isSeen) =>
      templates.flatMap(({ tree }, template) =>
        tree.tags.flatMap(({ kind, number }) => {
          if (kind === 'value') return [];
          const its = (name: TagFeature) => ofTag(template, number, name);
          const isList = isSeen(its('one')) || isSeen(its('many'));
          return (isList ? (['unmet', 'one', 'many'] as const) : (['met', 'unmet'] as const)).map(
            its,
          );
        }),
      ),
  };
}
