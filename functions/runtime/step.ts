/** The wrapper of functions that are steps of a workflow. */
import type { Context } from 'aws-lambda';
import type * as z from 'zod';
import type { Log } from '../../shared/ports.ts';
import { WORKFLOW_ERRORS } from '../../shared/names.ts';
import { WorkflowError } from '../../shared/problems.ts';
import { withoutData } from './errors.ts';
import { withInvocation } from './invocation.ts';

/** What a step may ask of the invocation it runs in. */
export interface StepContext {
  /** Milliseconds until Lambda ends the invocation. */
  readonly remainingMs: () => number;
}

interface Step<P, I extends z.ZodType, O extends z.ZodType> {
  readonly ports: P;
  readonly input: I;
  /** What the workflow gets to see; fields that it does not name are left out. */
  readonly output: O;
  readonly run: (ports: P, input: z.output<I>, context: StepContext) => Promise<z.input<O>>;
}

/**
 * A handler that parses the step's input, runs it, and parses its output, so that only ids and
 * counts are in the workflow's data. An error leaves with its own name and causes, which Retry and
 * Catch go by, but without text that may hold data (errors.ts).
 */
export function step<P extends { log: Log }, I extends z.ZodType, O extends z.ZodType>(
  definition: Step<P, I, O>,
): (event: unknown, context: Context) => Promise<z.output<O>> {
  const { ports, run } = definition;
  return (event, context) =>
    withInvocation(context, async () => {
      try {
        const input = parse(definition.input, event, 'InvalidInput');
        const remainingMs = () => context.getRemainingTimeInMillis();
        const output = await run(ports, input, { remainingMs });
        return parse(definition.output, output, 'InvalidOutput');
      } catch (error) {
        if (isExpected(error))
          ports.log.info('The step ended before its work was done.', { error });
        else ports.log.error('The step failed.', { error });
        throw withoutData(error);
      }
    });
}

const EXPECTED: ReadonlySet<string> = new Set([
  WORKFLOW_ERRORS.shardBusy,
  WORKFLOW_ERRORS.leaseLost,
  WORKFLOW_ERRORS.checkFailed,
]);

/** What the workflow waits out, or ends for the sake of its rows, is no fault. */
const isExpected = (error: unknown): boolean =>
  error instanceof WorkflowError && EXPECTED.has(error.name);

function parse<S extends z.ZodType>(schema: S, value: unknown, errorName: string): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const faults = result.error.issues.map(({ path, code }) => `/${path.join('/')} ${code}`);
  throw new WorkflowError(errorName, `Not as the workflow's schemas say: ${faults.join(', ')}.`);
}
