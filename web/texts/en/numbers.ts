/** Counted things. */
import { createPlural } from '../catalogue.ts';

export const n = createPlural('en');
export const documents = (count: number): string =>
  n(count, { one: '# document', other: '# documents' });
