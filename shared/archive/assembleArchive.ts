/**
 * Joins the segments of a task into its archive. Nothing is unpacked or packed again: entries are
 * copied as they are (on the server's side where they are large), the directory is moved to where
 * they came to lie, and the reports are put behind them. Memory is the same for ten documents and
 * for ten million.
 */
import type { Ports } from '../ports.ts';
import { layOutArchive, type ShardContribution } from './archiveLayout.ts';
import { writeStretches } from './writeStretches.ts';

export type { ShardContribution } from './archiveLayout.ts';

/** What went into the archive; `bytes` is its size. */
export interface AssembledArchive {
  readonly bytes: number;
  readonly documents: number;
  readonly failures: number;
}

/**
 * Writes the archive: the documents in the order of the contributions, `_manifest.csv`, and, when
 * documents failed, `_failures.csv`, which is then also written by itself at `failuresKey`. The same
 * contributions give the same bytes; a repeat overwrites. On an error the archive that was there
 * before, if any, stays as it was.
 * @param input.contributions in row order
 */
export async function assembleArchive(
  ports: Pick<Ports, 'objects'>,
  input: {
    readonly archiveKey: string;
    readonly failuresKey: string;
    readonly contributions: readonly ShardContribution[];
  },
): Promise<AssembledArchive> {
  const { archive, failuresReport, bytes, documents, failures } = layOutArchive(
    input.contributions,
  );
  if (failures > 0) {
    await writeStretches(ports, input.failuresKey, failuresReport, 'text/csv; charset=utf-8');
  }
  await writeStretches(ports, input.archiveKey, archive, 'application/zip');
  return { bytes, documents, failures };
}
