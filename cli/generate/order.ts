/** Settings of a job, as the API takes them. */
import { parseDocument } from 'yaml';
import * as z from 'zod';
import { MAX_STEPS } from '../../shared/limits.ts';
import type { ReadingOptions, TaskOptionsSchema } from '../../shared/schemas/common.ts';
import { RowStepSchema } from '../../shared/schemas/rowSteps.ts';
import { UsageError } from '../errors.ts';
import { applicable, readingOf } from '../files/reading.ts';
import { readText } from './jobs.ts';
import type { Settings } from './settings.ts';

type Options = z.input<typeof TaskOptionsSchema>;
type Steps = z.input<typeof RowStepSchema>[];

/** How a job's documents are made, apart from templates and rows. */
export interface Order {
  readonly fileName?: string;
  readonly mode?: 'parallel' | 'sequential';
  readonly steps?: Steps;
  readonly options: Options;
}

/**
 * @throws UsageError when settings do not go together, or the file of steps is none
 */
export async function orderOf(settings: Settings): Promise<Order> {
  const { steps, name, mode } = settings;
  for (const setting of ['budget', 'max-failures'] as const) {
    if (settings[setting] !== undefined && steps === undefined) {
      throw new UsageError(`--${setting} is for row steps. Add --steps, or leave it out.`);
    }
  }
  return {
    ...(name !== undefined && { fileName: name }),
    ...(mode !== undefined && { mode }),
    ...(steps !== undefined && { steps: await readSteps(steps) }),
    options: optionsOf(settings),
  };
}

/** What the API calls it: of what was not said, it has its own. */
function optionsOf(settings: Settings): Options {
  const options: Record<keyof Options, unknown> = {
    concurrency: settings.parallel,
    priority: settings.priority,
    onError: settings['on-error'],
    maxFailures: settings['max-failures'],
    budgetUsd: settings.budget,
    maxRetries: settings['max-retries'],
    documentTimeoutSeconds: settings.timeout,
    missingValue: settings.missing,
    emptyParagraphs: settings['empty-paragraphs'],
    mapping: settings.map,
    rows: settings.rows,
    groupBy: settings['group-by'],
    filter: settings.filter,
    check: settings.check,
    approval: undefined,
    retentionDays: settings['retention-days'],
  };
  const said = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(said);
}

const StepsSchema = z.array(RowStepSchema).min(1).max(MAX_STEPS);
const StepsFileSchema = z.union([StepsSchema, z.strictObject({ steps: StepsSchema })]);

/** A list of row steps, or a mapping that has it as `steps`: JSON is YAML, too. */
async function readSteps(path: string): Promise<Steps> {
  const text = await readText('--steps', path);
  const document = parseDocument(text, { uniqueKeys: true, stringKeys: true });
  const [fault] = document.errors;
  if (fault) {
    const [line] = fault.linePos ?? [];
    throw new UsageError(
      `--steps ${path}${line === undefined ? '' : `:${line.line}`}: ${fault.message.split('\n')[0]}`,
    );
  }
  const value: unknown = document.toJS();
  const list = Array.isArray(value) ? value : (value as { steps?: unknown } | null)?.steps;
  const parsed = StepsFileSchema.safeParse(value);
  if (parsed.success) return list as Steps;
  const [issue] = StepsSchema.safeParse(list).error?.issues ?? parsed.error.issues;
  const place = (issue?.path ?? []).map((part) => (typeof part === 'number' ? part + 1 : part));
  throw new UsageError(
    `--steps ${path}${place.length === 0 ? '' : `, step ${place.join(', ')}`}: ${issue?.message ?? 'these are no row steps.'} docs/row-steps.md tells what a step has.`,
  );
}

/**
 * How a table of a job is to be read.
 * @param isOneOfMany whether settings that its kind of file does not know may be meant for others
 * @throws UsageError that names the setting at fault
 */
export const readingFor = (
  settings: Settings,
  fileName: string,
  isOneOfMany: boolean,
): ReadingOptions => readingOf(isOneOfMany ? applicable(settings, fileName) : settings, fileName);
