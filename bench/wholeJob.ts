/** The whole job on this machine: from a CSV file to a downloaded archive, through the API. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '../cli/client.ts';
import { startLocalCloud } from '../cli/demo/localCloud.ts';
import { runDemo } from '../cli/demo/runDemo.ts';
import { watchMemory } from './memory.ts';
import { writeLetterRows } from './rows.ts';

export interface WholeJobResult {
  readonly rows: number;
  readonly documents: number;
  /** From the call that creates the task to the archive on disk. */
  readonly seconds: number;
  readonly documentsPerSecond: number;
  readonly archiveBytes: number;
  /** Of the local cloud with all its workers; null where it cannot be measured. */
  readonly peakMemoryBytes: number | null;
}

const QUIET = { write: () => true };

/** Makes `rows` offer letters and measures it. The local cloud is started anew, in a new folder. */
export async function benchWholeJob(rows: number): Promise<WholeJobResult> {
  const folder = await mkdtemp(join(tmpdir(), 'sheaf-bench-'));
  const cloud = await startLocalCloud(join(folder, 'data'));
  const memory = watchMemory(cloud.pid);
  try {
    const data = join(folder, 'rows.csv');
    await writeLetterRows(data, rows);
    const result = await runDemo(
      createClient(cloud),
      {
        template: 'examples/offer-letter.docx',
        data,
        out: join(folder, 'letters.zip'),
        missingValue: 'empty',
        keep: false,
      },
      QUIET,
      {},
    );
    return {
      rows,
      documents: result.documents,
      seconds: result.seconds,
      documentsPerSecond: result.documents / result.seconds,
      archiveBytes: result.bytes,
      peakMemoryBytes: (await memory.stop()) ?? null,
    };
  } finally {
    await memory.stop();
    await cloud.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
