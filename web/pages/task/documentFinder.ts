/** Documents whose names hold a text, found as the list grows: each is looked at once. */
import type { DocumentView } from '../../../shared/schemas/taskApi.ts';

export interface DocumentFinder {
  /** @param documents the list so far: that of before, and more */
  find(documents: readonly DocumentView[], wanted: string): readonly DocumentView[];
}

const NONE: readonly DocumentView[] = [];

export function createDocumentFinder(): DocumentFinder {
  let text = '';
  let seen = NONE;
  let found: DocumentView[] = [];
  return {
    find(documents, wanted) {
      if (wanted === '') return documents;
      const isSame = text === wanted && seen.length <= documents.length && seen[0] === documents[0];
      if (!isSame) found = [];
      const from = isSame ? seen.length : 0;
      if (from < documents.length || !isSame) {
        const fresh = documents.slice(from).filter((one) => matches(one, wanted));
        found = [...found, ...fresh];
      }
      text = wanted;
      seen = documents;
      return found;
    },
  };
}

const matches = ({ name, row }: DocumentView, wanted: string): boolean =>
  String(row) === wanted || (name !== null && name.toLocaleLowerCase().includes(wanted));

/** The number of a row, where a text is one. */
export const rowOf = (text: string): number | undefined =>
  /^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined;
