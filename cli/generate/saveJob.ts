/** What a task gives, written to where a job wants it. */
import type { SheafClient } from '../../client/client.ts';
import { platformClock } from '../../client/clock.ts';
import { ApiError } from '../../client/errors.ts';
import { ResultsFormatSchema } from '../../shared/schemas/common.ts';
import { CliError } from '../errors.ts';
import { saveArchive, saveFile, type Saving } from '../files/saveFile.ts';
import { unpackArchive } from '../files/unpack.ts';
import type { SavedPlace } from './jobEvents.ts';
import type { Place } from './jobs.ts';

/** The table of results is written when it is asked for: so long it is waited for, in ms. */
const RESULTS_PATIENCE_MS = 15 * 60_000;
const LEAST_WAIT_MS = 200;

/** @throws CliError; what the file system says; the signal's reason */
export async function saveDocuments(
  client: SheafClient,
  taskId: string,
  { kind, path }: Place,
  saving: Saving,
): Promise<SavedPlace> {
  const link = () => client.downloadArchive({ taskId }, { signal: saving.signal });
  if (kind === 'archive') return { what: kind, ...(await saveArchive(link, path, saving)) };
  const { documents, unchanged, bytes } = await unpackArchive(link, path, saving);
  return { what: kind, path, documents, unchanged, bytes };
}

/** @param path its ending says what it is written as. @throws the same */
export async function saveResults(
  client: SheafClient,
  taskId: string,
  path: string,
  saving: Saving,
): Promise<SavedPlace> {
  const format = ResultsFormatSchema.parse(path.replace(/^.*\./s, '').toLowerCase());
  const { signal } = saving;
  const until = Date.now() + RESULTS_PATIENCE_MS;
  const link = async () => {
    for (;;) {
      try {
        return await client.downloadResults({ taskId, format }, { signal });
      } catch (error) {
        if (!(error instanceof ApiError) || error.retryAfterMs === undefined) throw error;
        if (Date.now() > until) {
          throw new CliError(
            `The table of results is not written yet. Ask again later: sheaf task results ${taskId}.`,
          );
        }
        await platformClock.sleep(Math.max(LEAST_WAIT_MS, error.retryAfterMs), signal);
      }
    }
  };
  return { what: 'results', ...(await saveFile(link, path, saving)) };
}
