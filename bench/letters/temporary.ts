/** A folder for the files of a run, removed at its end however it comes. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Temporary {
  readonly folder: string;
  /** Notes what must end before the folder can go. */
  readonly atEnd: (end: () => Promise<void>) => void;
}

const SIGNALS = { SIGINT: 130, SIGTERM: 143 } as const;

/** Does work with a new folder, and removes it afterwards, when the process is told to end as well. */
export async function withTemporary<T>(work: (temporary: Temporary) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'sheaf-million-'));
  const endings: (() => Promise<void>)[] = [];
  let cleaned: Promise<void> | undefined;
  const clean = () =>
    (cleaned ??= (async () => {
      await Promise.allSettled(endings.map((end) => end()));
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    })());
  const interrupt = (signal: keyof typeof SIGNALS) => {
    process.stderr.write('\nInterrupted: removing what was made …\n');
    void clean().finally(() => process.exit(SIGNALS[signal]));
  };
  const signals = Object.keys(SIGNALS) as (keyof typeof SIGNALS)[];
  for (const signal of signals) process.once(signal, interrupt);
  try {
    return await work({ folder, atEnd: (end) => void endings.push(end) });
  } finally {
    await clean();
    for (const signal of signals) process.off(signal, interrupt);
  }
}
