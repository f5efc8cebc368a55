/** Templates and tables of a draft that cannot be used: with faults, or deleted while the page was open. */
import { useEffect } from 'preact/hooks';
import { ApiError } from '../../../client/errors.ts';
import type { Draft } from './draft.ts';

/** Told of an id. */
export type Report = (id: string) => void;

/** What of a draft can be used. */
export const withoutUnusable = (draft: Draft, unusable: ReadonlySet<string>): Draft => ({
  ...draft,
  template: usable(draft.template, unusable),
  data: usable(draft.data, unusable),
});

const usable = (id: string | undefined, unusable: ReadonlySet<string>): string | undefined =>
  id === undefined || unusable.has(id) ? undefined : id;

/** Whether it is the template or the table that is no more. */
export function goneOf(error: unknown): 'template' | 'data' | undefined {
  if (!(error instanceof ApiError)) return undefined;
  if (error.code === 'TEMPLATE_NOT_FOUND') return 'template';
  return error.code === 'DATA_SOURCE_NOT_FOUND' ? 'data' : undefined;
}

/** Reports what an error says is no more, which leads back to where another is chosen. */
export function useGone(error: unknown, draft: Draft, report: Report): void {
  const gone = goneOf(error);
  const id = gone && draft[gone];
  useEffect(() => {
    if (id !== undefined) report(id);
  }, [id]);
}
