/** Links that are signed at the moment of the click. */
import { ApiError, ConnectionFailed } from '../../client/errors.ts';
import type { Download } from '../../shared/schemas/taskApi.ts';

/** Has the browser save what a link leads to: its answer says that it is to be saved, and its name. */
export function save({ url }: Pick<Download, 'url'>): void {
  const link = document.createElement('a');
  link.href = url;
  link.rel = 'noreferrer';
  link.click();
}

/** Has the browser save what the page holds already. */
export function saveBytes(name: string, bytes: Uint8Array<ArrayBuffer>): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([bytes]));
  link.download = name.split('/').at(-1) ?? name;
  link.click();
  // The browser has taken it by then.
  setTimeout(() => URL.revokeObjectURL(link.href), SAVED_MS);
}
const SAVED_MS = 60_000;

/** As often as Retry-After says, for what is written when it is asked for first. */
const MOST_WAITS = 200;
const SHORTEST_WAIT_MS = 500;

/** A link that may take a while to come: 409 with a time means that it is being made. */
async function linkInTime(ask: () => Promise<Download>): Promise<Download> {
  for (let waits = 0; ; waits++) {
    try {
      return await ask();
    } catch (error) {
      const isComing =
        error instanceof ApiError && error.status === 409 && error.retryAfterMs !== undefined;
      if (!isComing || waits === MOST_WAITS) throw error;
      const ms = Math.max(SHORTEST_WAIT_MS, error.retryAfterMs ?? 0);
      await new Promise((resolve) => setTimeout(resolve, ms));
    }
  }
}

/** Saves what such a link leads to, once it is there. */
export const saveInTime = async (ask: () => Promise<Download>): Promise<void> =>
  save(await linkInTime(ask));

/**
 * What a link leads to, for the page itself.
 * @throws ConnectionFailed; the signal's reason
 */
export async function fetchFile(
  { url }: Pick<Download, 'url'>,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  try {
    const response = await fetch(url, { signal });
    if (response.ok) return new Uint8Array(await response.arrayBuffer());
    throw new ConnectionFailed(`The file is refused with HTTP ${response.status}.`);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof ConnectionFailed) throw error;
    throw new ConnectionFailed('The file cannot be fetched.', { cause: error });
  }
}
