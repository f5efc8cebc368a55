/** Workbooks as they were uploaded, written anew with something added. */
import { createObjectWriter, type ObjectWriter } from '../../../archive/objectWriter.ts';
import { completeReading, isText } from '../../../dataSources/reading.ts';
import { sourceFile } from '../../../dataSources/sourceFile.ts';
import { objectKeys } from '../../../keys.ts';
import { ObjectMissing, type Ports } from '../../../ports.ts';
import type { DataSourceItem } from '../../../schemas/items.ts';
import type { RangedFile } from '../../../zip/rangedZip.ts';
import { NotChangeable } from './changedPackage.ts';

const CHANGED = 'it was deleted or replaced since it was read';

export const isWorkbook = ({ fileName, reading }: DataSourceItem): boolean =>
  !isText(completeReading(fileName, reading ?? {}));

/** That an upload was written with what was added. */
export const DONE = Symbol('done');

/**
 * Changes the upload; answers why it cannot, as the end of a sentence.
 * @param to key of the object that is written
 * @throws what the bucket and `change` throw
 */
export async function changeUpload(
  ports: Pick<Ports, 'objects'>,
  source: DataSourceItem,
  to: string,
  change: (file: RangedFile, object: ObjectWriter) => Promise<void>,
): Promise<typeof DONE | string> {
  const key = objectKeys.sourceUpload(source.dataSourceId);
  const upload = await ports.objects.head(key);
  if (upload?.etag !== source.uploadEtag || !upload) return CHANGED;
  try {
    await writeObject(ports, to, async (object) => {
      await change(sourceFile(ports, key, upload.bytes), object);
      // What was read while it was replaced is neither the one nor the other.
      if ((await ports.objects.head(key))?.etag !== upload.etag) throw new NotChangeable(CHANGED);
    });
    return DONE;
  } catch (error) {
    if (error instanceof NotChangeable) return error.message;
    if (error instanceof ObjectMissing && error.key === key) return CHANGED;
    throw error;
  }
}

/** Writes an object as a whole, or not at all. */
export async function writeObject(
  ports: Pick<Ports, 'objects'>,
  key: string,
  write: (object: ObjectWriter) => Promise<void>,
): Promise<void> {
  const object = createObjectWriter(ports, key);
  try {
    await write(object);
  } catch (error) {
    await object.abort();
    throw error;
  }
  await object.finish();
}
