/**
 * Files that were dropped here, for as long as the page is open: the service gives back none that was uploaded, and
 * they are drawn, and read again in another way.
 */

const MOST = 6;
const kept = new Map<string, File>();

/** @param id of what the file became */
export function keepFile(id: string, file: File): void {
  kept.delete(id);
  kept.set(id, file);
  for (const old of kept.keys()) {
    if (kept.size <= MOST) break;
    kept.delete(old);
  }
}

export const keptFile = (id: string): File | undefined => kept.get(id);
