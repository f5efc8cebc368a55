/** Objects of the bucket that hold JSON. */
import type { Ports } from './ports.ts';

/** What an object holds, for its schema to parse. @throws ObjectMissing */
export async function readJson({ objects }: Pick<Ports, 'objects'>, key: string): Promise<unknown> {
  const bytes = await objects.read(key);
  return JSON.parse(Buffer.from(bytes).toString('utf8'));
}
