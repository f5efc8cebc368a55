/** Structured logs (JSON lines on standard output) by Powertools for AWS Lambda. */
import { Logger } from '@aws-lambda-powertools/logger';
import type { Context } from 'aws-lambda';
import type { Log } from '../../shared/ports.ts';
import { describeError } from './errors.ts';
import { SERVICE } from './service.ts';

const logger = new Logger({ serviceName: SERVICE });

/** The log of this function. Errors among the fields are written without data (errors.ts). */
export const log: Log = {
  info: (message, fields = {}) => logger.info(message, loggable(fields)),
  warn: (message, fields = {}) => logger.warn(message, loggable(fields)),
  error: (message, fields = {}) => logger.error(message, loggable(fields)),
};

/** Every line from now on names this invocation: function, request id, cold start. */
export function logInvocation(context: Context): void {
  logger.addContext(context);
}

function loggable(fields: Record<string, unknown>): Record<string, unknown> {
  const written = Object.entries(fields).map(([name, value]) => [
    name,
    value instanceof Error ? describeError(value) : value,
  ]);
  return Object.fromEntries(written) as Record<string, unknown>;
}
