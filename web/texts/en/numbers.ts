/** Counted things. */
import { createPlural } from '../catalogue.ts';

export const n = createPlural('en');
export const documents = (count: number): string =>
  n(count, { one: '# document', other: '# documents' });
export const rows = (count: number): string => n(count, { one: '# row', other: '# rows' });
