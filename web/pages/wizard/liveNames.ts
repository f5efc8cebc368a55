/** Names of documents, as the service makes them: by its own code, which is loaded for it. */
import { compareNames } from '../../../shared/columns/compareTask.ts';
import { Problem } from '../../../shared/problems.ts';
import { columnsOfNames, compileNames } from '../../../shared/rendering/documentNames.ts';
import type { Tag } from '../../../shared/schemas/common.ts';
import type { PreviewRow } from '../../../shared/schemas/dataSourceApi.ts';

export interface NamesInput {
  readonly pattern: string;
  readonly template: string;
  readonly tags: readonly Tag[];
  readonly columns: readonly string[];
  readonly mapping: Readonly<Record<string, string>>;
  readonly rows: readonly PreviewRow[];
}

export type LiveNames =
  | { readonly names: readonly string[]; readonly fault?: undefined }
  | { readonly names?: undefined; readonly fault: string };

/** Of each row its document's name, or why it has none. */
export function liveNames(input: NamesInput): LiveNames {
  const { pattern, template, tags, columns, mapping, rows } = input;
  try {
    const { spellings } = compareNames({
      templates: [{ label: template, tags }],
      fileNameTags: columnsOfNames(pattern),
      columns: { names: columns, areAll: true },
      mapping,
    });
    const compiled = compileNames(pattern, 1, spellings.at(-1));
    return {
      names: rows.map(({ row, values }) => {
        const named = compiled.name({ row, template, values, taken: new Set() });
        return named.ok ? named.name : named.failure.detail;
      }),
    };
  } catch (error) {
    if (error instanceof Problem) return { fault: error.errors?.[0]?.detail ?? error.message };
    throw error;
  }
}
