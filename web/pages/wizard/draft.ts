/** What is being ordered, step by step. All of it is in the address: a page that is loaded anew goes on. */
import * as z from 'zod';
import type { CreateTaskSchema, OrderBodySchema } from '../../../shared/schemas/taskApi.ts';
import { MAX_CONCURRENCY, TASK_RETENTION_DAYS_MAX } from '../../../shared/limits.ts';
import {
  CheckIdSchema,
  DataSourceIdSchema,
  SampleIdSchema,
  TaskOptionsSchema,
  TemplateIdSchema,
} from '../../../shared/schemas/common.ts';
import { hrefOf, type Params, type Route } from '../../app/address.ts';

export const STEPS = ['template', 'data', 'check', 'start'] as const;
export type Step = (typeof STEPS)[number];

const text = z.string().optional();
const usual = TaskOptionsSchema.parse({});

/** Parameters of the address by their names; what cannot be read is as usual. */
const FIELDS = {
  step: z.enum(STEPS).default('template'),
  template: TemplateIdSchema.optional(),
  data: DataSourceIdSchema.optional(),
  /** Columns by tag, as JSON. */
  map: text,
  missing: z.enum(['empty', 'error']).default('empty'),
  check: CheckIdSchema.optional(),
  samples: SampleIdSchema.optional(),
  name: text,
  file: text,
  concurrency: z.coerce
    .number<string>()
    .int()
    .min(1)
    .max(MAX_CONCURRENCY)
    .default(usual.concurrency),
  mode: z.enum(['parallel', 'sequential']).default('parallel'),
  failed: z.enum(['continue', 'stop']).default('continue'),
  faulty: z.enum(['warn', 'strict']).default('warn'),
  blank: z.enum(['keep', 'remove']).default('keep'),
  rows: text,
  /** A column: rows that share its value become one document. */
  group: text,
  days: z.coerce
    .number<string>()
    .int()
    .min(1)
    .max(TASK_RETENTION_DAYS_MAX)
    .default(usual.retentionDays),
  when: z.enum(['now', 'later', 'never']).default('now'),
  at: text,
  webhook: text,
} as const;
type Name = keyof typeof FIELDS;

export type Draft = { readonly [K in Name]: z.output<(typeof FIELDS)[K]> };
const NAMES = Object.keys(FIELDS) as Name[];

export function readDraft({ params }: Pick<Route, 'params'>): Draft {
  const read = NAMES.map((name) => {
    const given = FIELDS[name].safeParse(params.get(name) ?? undefined);
    return [name, given.success ? given.data : FIELDS[name].parse(undefined)];
  });
  return Object.fromEntries(read) as Draft;
}

/** What samples and checks are about: they do not hold for another order. */
const CHECKED: readonly Name[] = [
  'template',
  'data',
  'map',
  'missing',
  'file',
  'blank',
  'rows',
  'group',
];

/** The parameters of a change; what is as usual is left out of the address. */
export function paramsOf(change: Partial<Draft>): Params {
  const isOther = CHECKED.some((name) => Object.hasOwn(change, name));
  // Columns are those of other rows, or of other tags.
  const isOtherMap = 'template' in change || 'data' in change;
  const all: Partial<Draft> = {
    ...(isOther && { check: undefined, samples: undefined }),
    ...(isOtherMap && { map: undefined }),
    ...('data' in change && { group: undefined }),
    ...change,
  };
  return Object.fromEntries(
    Object.entries(all).map(([name, value]) => {
      const isUsual = value === FIELDS[name as Name].parse(undefined);
      return [name, isUsual || value === undefined ? undefined : String(value)];
    }),
  );
}

/** The address of a step of the same order. */
export const hrefOfStep = ({ params }: Pick<Route, 'params'>, step: Step): string =>
  hrefOf(['new'], { ...Object.fromEntries(params), step });

const MapSchema = z.record(z.string(), z.string());

/** Columns that somebody named for tags. */
export function mappingOf({ map }: Pick<Draft, 'map'>): Readonly<Record<string, string>> {
  if (map === undefined) return {};
  try {
    return MapSchema.parse(JSON.parse(map));
  } catch {
    // An address that was cut off.
    return {};
  }
}

/** The parameter for such columns. */
export const mapOf = (mapping: Readonly<Record<string, string>>): string | undefined =>
  Object.keys(mapping).length === 0 ? undefined : JSON.stringify(mapping);

export const USUAL_NAMES = '{template}-{row}';

/** What is made of which rows; of a draft that has a template and rows. */
export function orderOf(draft: Draft): z.input<typeof OrderBodySchema> {
  const mapping = mappingOf(draft);
  return {
    templateIds: draft.template === undefined ? [] : [draft.template],
    ...(draft.data !== undefined && { dataSourceId: draft.data }),
    ...(draft.file !== undefined && { fileName: draft.file }),
    options: {
      ...(draft.missing !== 'empty' && { missingValue: draft.missing }),
      ...(draft.blank !== 'keep' && { emptyParagraphs: draft.blank }),
      ...(draft.rows !== undefined && { rows: draft.rows }),
      ...(draft.group !== undefined && { groupBy: draft.group }),
      ...(Object.keys(mapping).length > 0 && { mapping }),
    },
  };
}

/** The body that creates the task. */
export function taskOf(draft: Draft): z.input<typeof CreateTaskSchema> {
  const { options, ...order } = orderOf(draft);
  const startAt = draft.when === 'later' ? isoOf(draft.at) : undefined;
  return {
    ...order,
    options: {
      ...options,
      ...(draft.concurrency !== usual.concurrency && { concurrency: draft.concurrency }),
      ...(draft.failed !== 'continue' && { onError: draft.failed }),
      ...(draft.faulty !== 'warn' && { check: draft.faulty }),
      ...(draft.days !== usual.retentionDays && { retentionDays: draft.days }),
    },
    ...(draft.mode !== 'parallel' && { mode: draft.mode }),
    ...(draft.name !== undefined && { name: draft.name }),
    ...(draft.webhook !== undefined && { webhookUrl: draft.webhook }),
    ...(startAt !== undefined && { startAt }),
    ...(draft.when === 'now' && { autoStart: true }),
  };
}

/** The time that a field of the page holds, which is the computer's own. */
export function isoOf(local: string | undefined): string | undefined {
  const time = new Date(local ?? '');
  return Number.isNaN(time.getTime()) ? undefined : time.toISOString();
}
