/** Files that are there whole or not at all, and names that every file system takes. */
import { createHash } from 'node:crypto';
import { renameSync, writeFileSync } from 'node:fs';

/** Replaces a file in one step, so that a reader after a crash finds the old or the new one. */
export function writeWhole(file: string, text: string): void {
  const temporary = `${file}.new`;
  writeFileSync(temporary, text);
  renameSync(temporary, file);
}

/**
 * A name for a file or folder: readable, and different for different names even where the file
 * system knows no upper and lower case.
 */
export function fileNameFor(name: string): string {
  const readable = name.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, 60);
  const told = createHash('sha256').update(name, 'utf8').digest('hex').slice(0, 12);
  return `${readable}-${told}`;
}
