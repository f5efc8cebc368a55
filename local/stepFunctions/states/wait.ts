/** Wait states: until when. Causes are as recorded from Step Functions. */
import { RuntimeFailure } from '../failures.ts';
import { isTimestamp } from '../language/choices.ts';
import { readPath } from '../language/paths.ts';
import type { Data, Path } from '../language/paths.ts';
import type { WaitState } from '../language/program.ts';

/** Step Functions waits no longer: 2^31 − 1 seconds, in days. */
const MAX_WAIT_MS = 24_855 * 24 * 3600 * 1000;

/**
 * When the wait ends, in milliseconds since 1970; seconds count from when the state was entered.
 * Fractions of a second of a timestamp are cut off.
 */
export function wakeTime(enteredAt: number, { until }: WaitState, input: Data): number {
  if ('seconds' in until) return enteredAt + secondsOf(until.seconds, input) * 1000;
  const text = 'timestamp' in until ? until.timestamp : timestampAt(until.timestampPath, input);
  const at = Math.floor(Date.parse(text) / 1000) * 1000;
  if (at - enteredAt <= MAX_WAIT_MS) return at;
  throw new RuntimeFailure('Wait state delay is too long.');
}

type Seconds = Extract<WaitState['until'], { seconds: unknown }>['seconds'];

function secondsOf(setting: Seconds, input: Data): number {
  if (!setting) return 0;
  if ('value' in setting) return setting.value;
  const seconds = readPath(setting.path, input);
  const told = `${setting.path.text} == ${JSON.stringify(seconds ?? null)}`;
  if (typeof seconds !== 'number' || !Number.isInteger(seconds)) {
    throw new RuntimeFailure(`The SecondsPath parameter cannot be parsed as a long value: ${told}`);
  }
  if (seconds >= 0) return seconds;
  throw new RuntimeFailure(`The SecondsPath parameter references a negative value: ${told}`);
}

function timestampAt(path: Path, input: Data): string {
  const timestamp = readPath(path, input) ?? null;
  if (isTimestamp(timestamp)) return timestamp;
  throw new RuntimeFailure(
    `The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: ${path.text}`,
  );
}
