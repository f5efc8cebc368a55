/** What rendering is measured with: a template, in the tags of each library, and rows for it. */
import type { Row } from '../../shared/schemas/common.ts';
import { CASES, rowsOf, type CaseName, type Dialect } from './templates.ts';

export interface RenderingCase {
  readonly name: string;
  readonly rows: readonly Row[];
  /** The template in these tags; undefined when there is none. */
  template(dialect: Dialect): Uint8Array | undefined;
}

/** The letter, the invoice and the contract. */
export const madeCases = (): RenderingCase[] =>
  (Object.keys(CASES) as CaseName[]).map((name) => ({
    name,
    rows: rowsOf(name),
    template: CASES[name].template,
  }));
