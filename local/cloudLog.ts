/** The local cloud's own log, in the form of the functions' logs: one JSON object a line. */
import type { Log } from '../shared/ports.ts';

/** @param write takes one line; `isError` for those that a person should see at once */
export function createCloudLog(write: (line: string, isError: boolean) => void): Log {
  const log =
    (level: 'INFO' | 'WARN' | 'ERROR') =>
    (message: string, fields: Record<string, unknown> = {}) => {
      const timestamp = new Date().toISOString();
      const line = JSON.stringify({ level, timestamp, message, ...fields }, plainErrors);
      write(`${line}\n`, level === 'ERROR');
    };
  return { info: log('INFO'), warn: log('WARN'), error: log('ERROR') };
}

/** An Error has no enumerable properties, so JSON would show {}. */
const plainErrors = (_: string, value: unknown): unknown =>
  value instanceof Error ? { name: value.name, message: value.message, stack: value.stack } : value;
