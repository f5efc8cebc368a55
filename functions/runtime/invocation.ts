/** What every invocation has around it, whatever its kind. */
import type { Context } from 'aws-lambda';
import { logInvocation } from './logging.ts';
import { publishMetrics } from './metrics.ts';
import { traced } from './tracing.ts';

/** Runs with the invocation's log context and trace; publishes its metrics at the end. */
export async function withInvocation<T>(context: Context, run: () => Promise<T>): Promise<T> {
  logInvocation(context);
  try {
    return await traced(context.functionName, run);
  } finally {
    publishMetrics();
  }
}
