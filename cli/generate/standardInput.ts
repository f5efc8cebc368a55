/** Standard input as a file: what is uploaded has a name and a size. */
import { createWriteStream } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { MAX_SOURCE_BYTES } from '../../shared/limits.ts';
import { UsageError } from '../errors.ts';
import { size } from '../terminal/words.ts';

type Format = 'csv' | 'xlsx' | 'json' | 'jsonl';

/** What a file begins with: enough to see past blanks and a byte-order mark. */
const HEAD_BYTES = 4_096;

/**
 * Writes standard input to a file of `folder`, named by its format.
 * @param format what it was said to be; undefined: it is found by how it begins
 * @throws UsageError when there is nothing, or too much; the signal's reason
 */
export async function saveInput(
  stdin: NodeJS.ReadableStream,
  folder: string,
  format: Format | undefined,
  signal: AbortSignal,
): Promise<string> {
  const draft = join(folder, 'stdin.part');
  let bytes = 0;
  const counted = new Transform({
    transform(piece: Buffer, _, done) {
      bytes += piece.length;
      if (bytes > MAX_SOURCE_BYTES) {
        done(
          new UsageError(
            `Standard input is larger than ${size(MAX_SOURCE_BYTES)}, which are the most.`,
          ),
        );
      } else done(null, piece);
    },
  });
  await pipeline(stdin, counted, createWriteStream(draft), { signal });
  if (bytes === 0) throw new UsageError('Standard input is empty: no rows came.');
  const path = join(folder, `stdin.${endingOf(await headOf(draft), format)}`);
  await rename(draft, path);
  return path;
}

/** All of standard input, such as a list of files. */
export async function readInput(stdin: NodeJS.ReadableStream, maxBytes: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of stdin) {
    const buffer = Buffer.from(piece);
    bytes += buffer.length;
    if (bytes > maxBytes) {
      throw new UsageError(`Standard input is larger than ${size(maxBytes)}: it is no list.`);
    }
    pieces.push(buffer);
  }
  return Buffer.concat(pieces);
}

async function headOf(path: string): Promise<Buffer> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

function endingOf(head: Buffer, format: Format | undefined): string {
  if (head[0] === 0x1f && head[1] === 0x8b) {
    if (format !== undefined && format !== 'xlsx') return `${format}.gz`;
    throw new UsageError('Standard input is compressed. Say what it holds: --data-format csv.');
  }
  if (format !== undefined) return format;
  if (head.toString('latin1', 0, 2) === 'PK') return 'xlsx';
  // What JSON begins with is ASCII, in UTF-16 with a zero beside it.
  const text = head.toString('latin1').replace(/^(\xef\xbb\xbf|\xff\xfe|\xfe\xff)?[\s\0]*/, '');
  return text.startsWith('[') ? 'json' : text.startsWith('{') ? 'jsonl' : 'csv';
}
