/** Keeps usage.json in the data folder up to date, for other processes to read. */
import type { Meters } from './meter.ts';
import type { Usage } from './usage.ts';

export interface UsageFileOptions {
  readonly meters: Meters;
  /** Bytes in the buckets. */
  readonly storedBytes: () => number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Puts the text in the place of what was there, whole or not at all. */
  readonly write: (text: string) => void;
  /** Told, once until it can be written again, that the file cannot; counting goes on. */
  readonly onError: (error: unknown) => void;
}

/** The file is at most this old while something is used. */
const WRITE_MS = 2_000;

/** Writes the file now, and while things are used. @returns ends this, after a last writing */
export function keepUsageFile(options: UsageFileOptions): () => void {
  const { meters, storedBytes, now, write, onError } = options;
  const since = new Date(now()).toISOString();
  let written = '';
  let writable = true;
  const update = () => {
    const { s3, ...others } = meters.read();
    const used = { s3: { ...s3, storedBytes: storedBytes() }, ...others };
    const text = JSON.stringify(used);
    if (text === written) return;
    const until = new Date(now()).toISOString();
    const usage: Usage = { pid: process.pid, since, until, ...used };
    try {
      write(`${JSON.stringify(usage, null, 2)}\n`);
      written = text;
      writable = true;
    } catch (error) {
      if (writable) onError(error);
      writable = false;
    }
  };
  update();
  const timer = setInterval(update, WRITE_MS).unref();
  return () => {
    clearInterval(timer);
    update();
  };
}
