/** LibreOffice, where it is installed. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Its command, which comes with no package. */
const SOFFICE = 'soffice';
/** A first start makes a profile. */
const PATIENCE_MS = 110_000;

export const hasLibreOffice = spawnSync(SOFFICE, ['--version']).status === 0;
/** For names of tests that are skipped without it. */
export const unlessSkipped = hasLibreOffice ? '' : ' (skipped: LibreOffice is not here)';

/**
 * Opens a file and saves it as another.
 * @param from its ending
 * @param to ending, or `ending:filter`
 */
export function convert(file: Uint8Array, from: string, to: string): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'sheaf-office-'));
  try {
    const path = join(folder, `in.${from}`);
    const out = join(folder, 'out');
    writeFileSync(path, file);
    const profile = `-env:UserInstallation=file://${join(folder, 'profile')}`;
    const args = [profile, '--headless', '--convert-to', to, '--outdir', out, path];
    execFileSync(SOFFICE, args, { stdio: 'pipe', timeout: PATIENCE_MS });
    return readFileSync(join(out, `in.${to.split(':')[0] ?? to}`));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Opens files of one kind and saves each as another, in one go.
 * @param files by their names without the ending
 * @returns those that it could, by the same names
 */
export function convertAll(
  files: ReadonlyMap<string, Uint8Array>,
  from: string,
  to: string,
): Map<string, Buffer> {
  const folder = mkdtempSync(join(tmpdir(), 'sheaf-office-'));
  try {
    const out = join(folder, 'out');
    // Names are anybody's: numbers are safe.
    const numbered = [...files].map(([name, file], i) => ({ name, file, number: String(i) }));
    for (const { file, number } of numbered) writeFileSync(join(folder, `${number}.${from}`), file);
    const profile = `-env:UserInstallation=file://${join(folder, 'profile')}`;
    const paths = numbered.map(({ number }) => join(folder, `${number}.${from}`));
    const args = [profile, '--headless', '--convert-to', to, '--outdir', out, ...paths];
    execFileSync(SOFFICE, args, { stdio: 'pipe', timeout: paths.length * PATIENCE_MS });
    const saved = (number: string) => join(out, `${number}.${to.split(':')[0] ?? to}`);
    return new Map(
      numbered
        .filter(({ number }) => existsSync(saved(number)))
        .map(({ name, number }) => [name, readFileSync(saved(number))]),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
