/** The row steps of an order, as far as whoever reads its rows needs to know of them. */
import { valueTags, type Columns } from '../columns/fill.ts';
import type { Spellings } from '../columns/spellings.ts';
import { MAX_STEP_COLUMNS } from '../limits.ts';
import type { ProblemDetail } from '../problems.ts';
import { columnsGiven, namesRead, rootOf } from '../rowSteps/compileSteps.ts';
import type { Order } from '../schemas/items.ts';
import type { RowStep } from '../schemas/rowSteps.ts';
import { parseTag } from '../tags/tagExpression.ts';
import type { PlacedTag } from '../tags/tagTree.ts';
import { microUsdOf, USUAL_LIMIT } from '../rowSteps/services.ts';
import type { ServiceConnectionItem } from '../schemas/serviceConnectionItems.ts';

type OrderedSteps = NonNullable<Order['steps']>;

/** What is known of a connection when an order is taken. */
type KnownConnection = Pick<ServiceConnectionItem, 'baseUrl' | 'rateLimit' | 'pricePerCallUsd'>;

/** What the item of an order has of its steps. */
export const orderedSteps = (
  steps: readonly RowStep[],
  connections: ReadonlyMap<string, KnownConnection>,
): OrderedSteps =>
  steps.map((step) => {
    const { connectionId } = step;
    const connection = connectionId === undefined ? undefined : connections.get(connectionId);
    const { perSecond } = (connection ?? step).rateLimit ?? USUAL_LIMIT;
    return {
      name: step.name,
      hasFile: step.response.file !== undefined,
      gives: columnsGiven(step),
      reads: namesRead(step),
      perSecond,
      microUsd: microUsdOf(connection),
      ...(connectionId !== undefined && { connectionId }),
    };
  });

/**
 * What calls for so many rows take, when each is answered at its first try: calls, seconds at the limits of their
 * services, and dollars.
 */
export function estimateCalls(
  steps: OrderedSteps,
  rows: number,
): { calls: number; seconds: number; costUsd: number } {
  /** Seconds by service: one is waited for while others are called. */
  const seconds = new Map<string, number>();
  for (const { name, connectionId = name, perSecond } of steps) {
    seconds.set(connectionId, (seconds.get(connectionId) ?? 0) + rows / perSecond);
  }
  const microUsd = steps.reduce((sum, step) => sum + rows * step.microUsd, 0);
  return {
    calls: rows * steps.length,
    seconds: Math.round(10 * Math.max(...seconds.values())) / 10,
    costUsd: microUsd / 1_000_000,
  };
}

/** The steps as readers of columns, to be compared with them as templates are. */
export const stepReaders = (steps: OrderedSteps | undefined) =>
  (steps ?? []).map(({ name, reads }) => ({ label: name, tags: valueTags(reads) }));

/** The columns of rows whose steps were called. */
export function withStepColumns(columns: Columns, steps: OrderedSteps | undefined): Columns {
  const given = steps?.flatMap(({ gives }) => gives) ?? [];
  if (given.length === 0) return columns;
  return {
    names: [...columns.names, ...given],
    areAll: columns.areAll,
    // Of what nobody reads the table of results tells all the same.
    untold: new Set([...(columns.untold ?? []), ...given]),
  };
}

/** Whether a name reads what a step gives, by itself, by a mapping or by another spelling. */
export function isOfStep(
  name: string,
  steps: OrderedSteps | undefined,
  spellings?: Spellings,
): boolean {
  if (!steps) return false;
  const names = [name, ...(spellings?.mapped?.get(name) ?? []), ...(spellings?.get(name) ?? [])];
  return names.some((each) => steps.some((step) => step.name === rootOf(each)));
}

/** Tags that can be looked at before a step is called: without those that read what one gives. */
export function withoutSteps(
  placed: readonly PlacedTag[],
  steps: OrderedSteps | undefined,
  spellings: Spellings | undefined,
): readonly PlacedTag[] {
  if (!steps) return placed;
  return placed
    .filter(({ written }) => !isOfStep(parseTag(written).name, steps, spellings))
    .map((tag) => ({ ...tag, inner: withoutSteps(tag.inner, steps, spellings) }));
}

/** Tells of steps that are called like a column, and of more columns than a task may have of steps. */
export function checkStepNames(
  steps: readonly RowStep[],
  columns: readonly string[],
  faults: ProblemDetail[],
): void {
  const taken = new Set(columns.map(rootOf));
  for (const [i, { name }] of steps.entries()) {
    if (!taken.has(name) && name !== 'row' && name !== 'rows' && name !== 'template') continue;
    faults.push({
      pointer: `/steps/${i}/name`,
      detail: `"${name}" is a column already. Give the step another name.`,
    });
  }
  const given = steps.flatMap(columnsGiven).length;
  if (given > MAX_STEP_COLUMNS) {
    faults.push({
      pointer: '/steps',
      detail: `The steps give ${given} columns; at most ${MAX_STEP_COLUMNS} are possible. Take fewer values from the answers.`,
    });
  }
}
