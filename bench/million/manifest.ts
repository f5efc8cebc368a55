/** Reads `_manifest.csv` as any program could: by its documented columns, line by line. */
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { z } from 'zod';

const HEADER = 'row,template,document,status,bytes,sha256';

const LineSchema = z.tuple([
  z.coerce.number().int(),
  z.string(),
  z.string(),
  z.literal('succeeded'),
  z.coerce.number().int(),
  z.string().regex(/^[0-9a-f]{64}$/),
]);

export interface ManifestLine {
  readonly row: number;
  readonly document: string;
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * The lines of a manifest whose cells need no quotes, which is so for the letters.
 * @throws Error for another header, or a line of a document that was not made
 */
export async function* readManifest(pieces: AsyncIterable<Buffer>): AsyncGenerator<ManifestLine> {
  let isHeader = true;
  for await (const text of createInterface({ input: Readable.from(pieces) })) {
    if (isHeader) {
      if (text.replace(/^\ufeff/, '') !== HEADER)
        throw new Error('The manifest has other columns.');
      isHeader = false;
      continue;
    }
    const line = LineSchema.safeParse(text.split(','));
    if (!line.success) throw new Error('The manifest has a line that is none of a document.');
    const [row, , document, , bytes, sha256] = line.data;
    yield { row, document, bytes, sha256 };
  }
}
