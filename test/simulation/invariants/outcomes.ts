/**
 * What became of a task's rows, held against what should have become of them: each row and template is in
 * the archive once, with the right content, or in the failure report once, and never in both.
 */
import type { TaskStatus } from '../../../shared/schemas/common.ts';

/** What one row and one template should come to. */
export interface ExpectedDocument {
  /** From 1. */
  readonly row: number;
  /** The template's label, as reports have it. */
  readonly template: string;
  /**
   * What the document may hold, in whatever form the caller compares by (text, bytes in hex, …). None: it
   * must fail. Several: where a correction came in a call of which nobody knows whether it took effect.
   */
  readonly contents: readonly string[];
  /** Whether it may fail, too. What has no contents always may. */
  readonly mayFail: boolean;
  /** No document is to be made of it: its row was not chosen, or stands in the document of another one. */
  readonly isSkipped?: boolean;
}

/** A document of the archive; reports (names that begin with _) are none. */
export interface FoundDocument {
  readonly name: string;
  readonly content: string;
}

/** A line of the manifest, as parseManifestLines gives it. */
export interface FoundLine {
  readonly row: number;
  readonly template: string;
  readonly status: 'succeeded' | 'failed' | 'skipped';
  readonly document?: string;
}

/** A line of the failure report. */
export interface FoundFailure {
  readonly row: number;
  readonly template: string;
  readonly code: string;
}

export interface FoundOutcomes {
  /** The state in which the task ended, or rests. */
  readonly status: TaskStatus;
  /** In the order of the archive. */
  readonly documents: readonly FoundDocument[];
  /** In the order of the manifest. */
  readonly manifest: readonly FoundLine[];
  /** In the order of the failure report. */
  readonly failures: readonly FoundFailure[];
}

/** States in which every document was tried. */
const WHOLE: ReadonlySet<TaskStatus> = new Set(['completed', 'partially_completed']);

const keyOf = ({ row, template }: { readonly row: number; readonly template: string }) =>
  `row ${row} of ${template}`;

/**
 * Every violation, as a sentence; none when all is as it should be. No sentence quotes content.
 * @param expected every row and template, in the order of the archive: by row, then by template
 */
export function outcomeViolations(
  expected: readonly ExpectedDocument[],
  found: FoundOutcomes,
): string[] {
  return [
    ...twice(found.documents, ({ name }) => `${name} is in the archive`),
    ...twice(found.manifest, (line) => `${keyOf(line)} is in the manifest`),
    ...twice(found.failures, (line) => `${keyOf(line)} is in the failure report`),
    ...lineViolations(expected, found),
    ...contentViolations(expected, found),
    ...failureViolations(found),
    ...orderViolations(expected, found),
  ];
}

function twice<T>(elements: readonly T[], sentence: (element: T) => string): string[] {
  const counts = new Map<string, number>();
  for (const element of elements) {
    const text = sentence(element);
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return [...counts].filter(([, n]) => n > 1).map(([text, n]) => `${text} ${n} times.`);
}

/** The manifest has a line for everything that was to be made, and none besides. */
function lineViolations(expected: readonly ExpectedDocument[], found: FoundOutcomes): string[] {
  const lines = new Map(found.manifest.map((line) => [keyOf(line), line]));
  const known = new Set(expected.map(keyOf));
  const unknown = [...lines.keys()].filter((key) => !known.has(key));
  const violations = unknown.map((key) => `${key} is in the manifest, and was never asked for.`);
  for (const document of expected) {
    const key = keyOf(document);
    const line = lines.get(key);
    if (!line) {
      if (WHOLE.has(found.status)) violations.push(`${key} is lost: it is in no report.`);
    } else if (document.isSkipped) {
      // Of a shard that was given up nobody knows which of its rows were chosen.
      const isRight = line.status === 'skipped' || (line.status === 'failed' && document.mayFail);
      if (!isRight) violations.push(`${key} ${line.status}, and was not chosen.`);
    } else if (line.status === 'succeeded' && document.contents.length === 0) {
      violations.push(`${key} was made, and must fail.`);
    } else if (line.status === 'failed' && document.contents.length > 0 && !document.mayFail) {
      violations.push(`${key} failed, and must be made.`);
    } else if (line.status === 'skipped' && WHOLE.has(found.status)) {
      violations.push(`${key} was skipped.`);
    }
  }
  if (found.status === 'completed' && found.failures.length > 0) {
    violations.push(`The task is completed, and has ${found.failures.length} failures.`);
  }
  if (found.status === 'partially_completed' && found.failures.length === 0) {
    violations.push('The task is partially completed, and has no failures.');
  }
  return violations;
}

/** Each document of the archive is one of the manifest, and holds what it should. */
function contentViolations(expected: readonly ExpectedDocument[], found: FoundOutcomes): string[] {
  const contents = new Map(expected.map((document) => [keyOf(document), document.contents]));
  const archive = new Map(found.documents.map(({ name, content }) => [name, content]));
  const violations: string[] = [];
  const named = new Set<string>();
  for (const line of found.manifest) {
    if (line.status !== 'succeeded') continue;
    const name = line.document ?? '';
    named.add(name);
    const content = archive.get(name);
    if (content === undefined) {
      violations.push(`${keyOf(line)} was made by the manifest, and is not in the archive.`);
    } else if (!contents.get(keyOf(line))?.includes(content)) {
      violations.push(`${keyOf(line)} holds something else than its row says.`);
    }
  }
  const strangers = found.documents.filter(({ name }) => !named.has(name));
  return [
    ...violations,
    ...strangers.map(({ name }) => `${name} is in the archive, and not in the manifest.`),
  ];
}

/** The failure report tells of what failed by the manifest, and of nothing else. */
function failureViolations({ manifest, failures }: FoundOutcomes): string[] {
  const failed = new Set(manifest.filter(({ status }) => status === 'failed').map(keyOf));
  const made = new Set(manifest.filter(({ status }) => status === 'succeeded').map(keyOf));
  const reported = new Set(failures.map(keyOf));
  return [
    ...[...reported].filter((key) => made.has(key)).map((key) => `${key} was made, and failed.`),
    ...[...reported]
      .filter((key) => !made.has(key) && !failed.has(key))
      .map((key) => `${key} is in the failure report, and did not fail by the manifest.`),
    ...[...failed]
      .filter((key) => !reported.has(key))
      .map((key) => `${key} failed, and is not in the failure report.`),
  ];
}

/** By row, then by template: in the manifest, in the failure report and in the archive. */
function orderViolations(expected: readonly ExpectedDocument[], found: FoundOutcomes): string[] {
  const places = new Map(expected.map((document, place) => [keyOf(document), place]));
  const rises = (keys: readonly string[]) => {
    const numbers = keys.map((key) => places.get(key)).filter((place) => place !== undefined);
    return numbers.every((place, i) => i === 0 || place >= (numbers[i - 1] ?? 0));
  };
  const names = found.manifest.flatMap(({ document }) => document ?? []);
  const inManifest = new Set(names);
  const inArchive = found.documents.map(({ name }) => name).filter((name) => inManifest.has(name));
  const violations: string[] = [];
  if (!rises(found.manifest.map(keyOf))) violations.push('The manifest is out of order.');
  if (!rises(found.failures.map(keyOf))) violations.push('The failure report is out of order.');
  if (inArchive.join('\n') !== names.filter((name) => inArchive.includes(name)).join('\n')) {
    violations.push('The archive is in another order than its manifest.');
  }
  return violations;
}
