/** The rows of a task of a run, the templates that read them, and what each of them should come to. */
import type { ExpectedDocument } from '../invariants/outcomes.ts';
import { docx } from '../../support/docx.ts';
import { FIELDS, type Field, type PlannedTask } from './scenario.ts';

type Values = Readonly<Partial<Record<Field, string>>>;

/** A template, by what it says of a row. */
interface TemplateOf {
  readonly label: string;
  readonly reads: readonly Field[];
  readonly says: (values: Values) => string;
}

const TEMPLATES: readonly TemplateOf[] = [
  { label: 'letter', reads: ['name'], says: ({ name }) => `Dear ${name}` },
  { label: 'badge', reads: ['name', 'city'], says: ({ name, city }) => `${name} of ${city}` },
  { label: 'card', reads: ['note', 'name'], says: ({ note, name }) => `${note} for ${name}` },
];

/** Templates to upload, in the order in which tasks take them. */
export const TEMPLATE_FILES = TEMPLATES.map(({ label, says }) => ({
  label,
  bytes: docx(says({ name: '{name}', city: '{city}', note: '{note}' })),
}));

/** The text of a document that `docx` made and Sheaf filled. */
export const textOf = (documentXml: string): string =>
  [...documentXml.matchAll(/<w:t[^>]*>([^<]*)<\/w:t>/g)].map(([, text]) => text).join('');

export interface TaskRows {
  readonly values: readonly Values[];
  /** Corrections that were asked for; `isCertain` once a call was answered with success. */
  correct(corrections: readonly Correction[], isCertain: boolean): void;
  /** What each row and template should come to now. @param mayKeep documents of before may have stayed */
  expected(mayKeep: boolean): ExpectedDocument[];
  /** Rows that nobody corrected, and of which a document fails. */
  readonly failing: readonly number[];
  /** No row has the column that failing rows lack: then the API knows of none, and no correction may name it. */
  readonly lackColumn: boolean;
}

export interface Correction {
  readonly row: number;
  readonly values: Record<string, string>;
}

/** @param marker what every value holds, and nothing else does */
export function createTaskRows(task: PlannedTask, marker: string): TaskRows {
  const values = Array.from({ length: task.rows }, (_, index): Values => {
    const row = index + 1;
    const all = FIELDS.map((field) => [field, `${marker} ${field} ${row}`] as const);
    const fails = task.failingEvery > 0 && row % task.failingEvery === 0;
    return Object.fromEntries(all.filter(([field]) => !fails || field !== task.lacks));
  });
  /** By row: every state that its values may be in, and those that they were in before. */
  const now = new Map<number, Values[]>();
  const before = new Map<number, Values[]>();
  const templates = TEMPLATES.slice(0, task.templates);

  const textsOf = (template: TemplateOf, versions: readonly Values[]) => {
    const makes = (version: Values) =>
      template.reads.every((field) => version[field] !== undefined);
    const made = versions.filter(makes);
    return { texts: [...new Set(made.map(template.says))], all: made.length === versions.length };
  };

  return {
    values,
    failing: values.flatMap((one, index) =>
      templates.every(({ reads }) => reads.every((field) => one[field] !== undefined))
        ? []
        : [index + 1],
    ),
    lackColumn: values.every((one) => one[task.lacks] === undefined),
    correct(corrections, isCertain) {
      for (const { row, values: changed } of corrections) {
        const versions = now.get(row) ?? [values[row - 1] ?? {}];
        const corrected = versions.map((version) => ({ ...version, ...changed }));
        before.set(row, [...(before.get(row) ?? []), ...versions]);
        now.set(row, isCertain ? corrected : [...versions, ...corrected]);
      }
    },
    expected: (mayKeep) =>
      values.flatMap((original, index) => {
        const row = index + 1;
        const versions = now.get(row) ?? [original];
        const older = mayKeep ? (before.get(row) ?? []) : [];
        return templates.map((template): ExpectedDocument => {
          const { texts, all } = textsOf(template, versions);
          const kept = textsOf(template, older).texts;
          const contents = [...new Set([...texts, ...kept])];
          return { row, template: template.label, contents, mayFail: !all };
        });
      }),
  };
}
