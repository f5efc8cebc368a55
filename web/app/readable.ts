/** Files as the computer has them: changed, moved or taken away since they were chosen, or no files at all. */

/** A file cannot be read any more. */
export class FileUnreadable extends Error {
  constructor(options?: ErrorOptions) {
    super('The file cannot be read.', options);
    this.name = 'FileUnreadable';
  }
}

/** @throws FileUnreadable */
async function probe(file: Blob): Promise<void> {
  try {
    await file.slice(0, 1).arrayBuffer();
  } catch (error) {
    throw new FileUnreadable({ cause: error });
  }
}

/**
 * What sending a file gives. Browsers say of one that cannot be read what they say of a lost connection: so it is looked
 * at before, and again when it failed.
 * @throws FileUnreadable; what `send` throws
 */
export async function readable<T>(file: Blob, send: () => Promise<T>): Promise<T> {
  await probe(file);
  try {
    return await send();
  } catch (error) {
    await probe(file);
    throw error;
  }
}
