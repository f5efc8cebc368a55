/** What the documents of one row would show: the tags of every template are gone over with it. */
import type { Spellings } from '../columns/spellings.ts';
import { MAX_TAGS_READ_PER_ROW } from '../limits.ts';
import type { Row } from '../schemas/common.ts';
import { NoValue } from '../tags/formats/format.ts';
import { printedOf } from '../tags/shown.ts';
import { walkTags, type ReadingTag, type TagVisitor } from '../tags/tagTree.ts';
import type { ShownByRow } from './candidates.ts';
import type { Features, FeaturedTemplate, TagFeature } from './features.ts';
import { eachTextFeature } from './textFeatures.ts';

/** A template, as its tags are looked up. */
export interface WalkedTemplate extends FeaturedTemplate {
  readonly spellings: Spellings | undefined;
}

export interface RowReader {
  /**
   * @param values with what is behind them (tags/shown.ts)
   * @returns good until the next call
   */
  read(row: number, values: Row): ShownByRow;
}

export function createRowReader(
  templates: readonly WalkedTemplate[],
  features: Features,
): RowReader {
  const shown = new Set<number>();
  const measures = new Map<number, number>();

  function measure(feature: number, size: number): void {
    if (size > (measures.get(feature) ?? -Infinity)) measures.set(feature, size);
  }

  const visitors = templates.map((_, template): TagVisitor => {
    const of = ({ number }: ReadingTag, feature: TagFeature) =>
      features.ofTag(template, number, feature);

    function text(tag: ReadingTag, value: string): void {
      if (value.trim() === '') {
        shown.add(of(tag, 'empty'));
        return;
      }
      measure(of(tag, 'longest'), value.length);
      eachTextFeature(value, (feature) => shown.add(of(tag, feature)));
    }

    return {
      value(tag, value) {
        if (typeof value === 'string') text(tag, value);
        else if (value === undefined || value === null) shown.add(of(tag, 'missing'));
        else if (value instanceof NoValue) shown.add(of(tag, 'unreadable'));
        else if (Array.isArray(value) || typeof value !== 'object') {
          text(tag, String(printedOf(value)));
        } else shown.add(of(tag, 'group'));
      },
      section(tag, value, times) {
        if (value instanceof NoValue) {
          shown.add(of(tag, 'unreadable'));
        } else if (times === 0) shown.add(of(tag, 'unmet'));
        else if (!Array.isArray(value) || tag.kind === 'inverted') shown.add(of(tag, 'met'));
        else {
          shown.add(of(tag, times === 1 ? 'one' : 'many'));
          measure(of(tag, 'most'), times);
        }
      },
    };
  });

  const fullest = features.ofRow('fullest');
  const emptiest = features.ofRow('emptiest');
  return {
    read(row, values) {
      shown.clear();
      measures.clear();
      for (const [i, { tree, spellings }] of templates.entries()) {
        const visitor = visitors[i];
        if (visitor) walkTags(tree, values, spellings, visitor, MAX_TAGS_READ_PER_ROW);
      }
      const filled = filledIn(values);
      measure(fullest, filled);
      measure(emptiest, -filled);
      return { row, features: shown, measures };
    },
  };
}

/** Columns of a row that hold something. */
function filledIn(values: Row): number {
  let filled = 0;
  for (const name in values) {
    const value = values[name];
    if (value !== null && value !== undefined && value !== '') filled++;
  }
  return filled;
}
