/** An uploaded file of which a reader may ask for any stretch. */
import type { Ports } from '../ports.ts';
import type { RangedFile } from '../zip/rangedZip.ts';

/** @param bytes its size */
export const sourceFile = (
  { objects }: Pick<Ports, 'objects'>,
  key: string,
  bytes: number,
): RangedFile => ({
  bytes,
  read: (range) => objects.read(key, range),
  stream: (range) => objects.stream(key, range),
});
