/** A file system of its own, which can be filled: where the machine lets this user mount one. */
import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface SmallDisk {
  readonly folder: string;
  /** Takes what is free. */
  fill(): void;
  free(): void;
  remove(): void;
}

/** What a run writes at most, several times over. */
const MEGABYTES = 160;
const BALLAST = 'ballast';

/** Undefined where none can be mounted. */
export function openSmallDisk(): SmallDisk | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'sheaf-disk-'));
  try {
    const options = ['-t', 'tmpfs', '-o', `size=${MEGABYTES}m,mode=0700`, 'sheaf-test', folder];
    execFileSync('mount', options, { stdio: 'ignore' });
  } catch {
    rmSync(folder, { recursive: true, force: true });
    return undefined;
  }
  const ballast = join(folder, BALLAST);
  return {
    folder,
    fill() {
      const file = openSync(ballast, 'a');
      // Ever smaller pieces, so that nothing at all is left.
      for (let piece = Buffer.alloc(1024 * 1024); piece.length > 0;) {
        try {
          writeSync(file, piece);
        } catch {
          piece = Buffer.alloc(Math.floor(piece.length / 4));
        }
      }
      closeSync(file);
    },
    free: () => rmSync(ballast, { force: true }),
    remove() {
      try {
        execFileSync('umount', ['-l', folder], { stdio: 'ignore' });
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  };
}
