/** What the values of all columns are like; fields inside of objects and lists are columns, too. */
import { MAX_PROFILED_COLUMNS } from '../limits.ts';
import type { Row } from '../schemas/common.ts';
import { ColumnProfile } from './columnProfile.ts';
import type { MetAt } from './tally.ts';

export interface ColumnProfiles {
  readonly all: readonly ColumnProfile[];
  /** Whether there are more columns than MAX_PROFILED_COLUMNS, of which the others were not looked at. */
  readonly isPartial: boolean;
  /** @param isOdd whether the line of the row has signs of ODD_LINE */
  add(values: Row, row: number, isOdd: boolean): void;
}

/** What a path is to all entries of a list: `items[2].price` is `items[].price`. */
export const shapeOf = (path: string): string => path.replace(ENTRY, '[]');
const ENTRY = /\[\d+\]/g;

export function createColumnProfiles(): ColumnProfiles {
  const byShape = new Map<string, ColumnProfile>();
  let isPartial = false;
  /** Where inside of a row: names of fields, and numbers of entries from 0. */
  const steps: (string | number)[] = [];
  const at: MetAt = {
    column: () =>
      steps
        .map((step, i) =>
          typeof step === 'number' ? `[${step + 1}]` : `${i === 0 ? '' : '.'}${step}`,
        )
        .join(''),
  };

  function profileOf(shape: string): ColumnProfile | undefined {
    const present = byShape.get(shape);
    if (present) return present;
    if (byShape.size === MAX_PROFILED_COLUMNS) {
      isPartial = true;
      return undefined;
    }
    const made = new ColumnProfile(shape);
    byShape.set(shape, made);
    return made;
  }

  /** @param place in a list */
  function look(shape: string, value: unknown, row: number, isOdd: boolean, place?: MetAt): void {
    if (typeof value !== 'object' || value === null) {
      profileOf(shape)?.add(value, row, isOdd, place);
    } else if (Array.isArray(value)) {
      const inner = `${shape}[]`;
      for (const [i, entry] of (value as unknown[]).entries()) {
        steps.push(i);
        look(inner, entry, row, isOdd, at);
        steps.pop();
      }
    } else {
      for (const [name, field] of Object.entries(value) as [string, unknown][]) {
        steps.push(name);
        look(`${shape}.${name}`, field, row, isOdd, place);
        steps.pop();
      }
    }
  }

  return {
    get all() {
      return [...byShape.values()];
    },
    get isPartial() {
      return isPartial;
    },
    add(values, row, isOdd) {
      for (const name in values) {
        const value = values[name];
        if (typeof value === 'object' && value !== null) {
          steps.push(name);
          look(name, value, row, isOdd);
          steps.pop();
        } else profileOf(name)?.add(value, row, isOdd);
      }
    },
  };
}
