/** The table of results of a simulated task: asked for until it is there, and read by another implementation than the one that wrote it. */
import { parse } from 'csv-parse/sync';
import * as z from 'zod';
import type { SheafClient } from '../../client/client.ts';
import { ApiError } from '../../client/errors.ts';
import type { FoundResult } from './invariants/results.ts';
import type { TaskPlan } from './scenario.ts';
import type { World } from './world/world.ts';

type Format = NonNullable<TaskPlan['results']>;

/** How often somebody asks: what could not be written is tried again after some minutes. */
const ASKS = 30;

/** @returns the table as it is in the bucket, or the code of why there is none */
export async function askForResults(
  world: World,
  client: SheafClient,
  taskId: string,
  format: Format,
): Promise<{ readonly text: string } | { readonly refused: string | undefined }> {
  for (let ask = 1; ; ask++) {
    try {
      const { url } = await client.downloadResults({ taskId, format });
      const bytes = await world.objects.read(decodeURI(new URL(url).pathname.slice(1)));
      return { text: Buffer.from(bytes).toString('utf8') };
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.retryAfterMs === undefined || ask === ASKS) return { refused: error.code };
      await world.pause(error.retryAfterMs);
    }
  }
}

/** A row of results, with what its step gave. */
export interface FoundResultRow extends FoundResult {
  /** Null for nothing. */
  readonly said: string | null;
}

/** The column of the step's answer (service.ts). */
const SAID = 'service.said';

const LineSchema = z.object({
  row: z.int(),
  steps: z.record(z.string(), z.string().nullable()).default({}),
  status: z.string(),
  documents: z.array(
    z.object({
      template: z.string(),
      name: z.string().optional(),
      failure: z.object({ code: z.string() }).optional(),
    }),
  ),
});

const readLine = (text: string): FoundResultRow => {
  const { row, steps, status, documents } = LineSchema.parse(JSON.parse(text));
  return {
    row,
    status,
    said: steps[SAID] ?? null,
    documents: new Map(documents.map(({ template, name }) => [template, name])),
    codes: new Set(documents.flatMap(({ failure }) => failure?.code ?? [])),
  };
};

const RecordsSchema = z.array(z.record(z.string(), z.string()));

/** @param labels of the task's templates: names of columns, unless there is one alone */
export function readResults(
  text: string,
  format: Format,
  labels: readonly string[],
): FoundResultRow[] {
  if (format === 'jsonl') return text.trimEnd().split('\n').map(readLine);
  const parsed: unknown = parse(text, { bom: true, columns: true });
  const column = (label: string) => (labels.length === 1 ? 'document' : label);
  return RecordsSchema.parse(parsed).map((record, i) => {
    const cell = (name: string) => record[name] || undefined;
    return {
      row: i + 1,
      status: cell('status') ?? '',
      said: cell(SAID) ?? null,
      documents: new Map(labels.map((label) => [label, cell(column(label))])),
      codes: new Set(cell('failure')?.split(', ')),
    };
  });
}
