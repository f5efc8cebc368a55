/** A small file that is always whole, whoever reads it when. */
import { rename, rm, writeFile } from 'node:fs/promises';

/** Writes it beside its place, and moves it there. */
export async function replaceFile(path: string, text: string, mode = 0o666): Promise<void> {
  const draft = `${path}.${process.pid}.part`;
  try {
    await writeFile(draft, text, { mode });
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}
