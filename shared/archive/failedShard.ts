/**
 * The report lines of documents that a shard did not make. No segment has them, so they are made when
 * they are needed, in blocks: their size and CRC must be known long before their turn comes, and
 * making them twice is cheaper than holding them.
 */
import type { RowFailure } from '../schemas/common.ts';
import { failureLine, missingDocumentLine } from './reports.ts';

/** What a shard that was given up did not make: each of these documents failed with the same failure. */
export interface LostRows {
  /** 1-based. */
  readonly firstRow: number;
  readonly rowCount: number;
  /** Documents of the first row that were made before: they are not lost. */
  readonly madeOfFirst: number;
  /** Labels of the task's templates, in order. */
  readonly templates: readonly string[];
  readonly failure: RowFailure;
}

/** Some 100 to 400 KB of text. */
const LINES_PER_BLOCK = 4_000;

/** Makes the same bytes each time it is called. */
type MakeBlock = () => Uint8Array;

function blocks(shard: LostRows, line: (row: number, template: string) => string) {
  const rowsPerBlock = Math.max(1, Math.floor(LINES_PER_BLOCK / shard.templates.length));
  const made: MakeBlock[] = [];
  for (let from = 0; from < shard.rowCount; from += rowsPerBlock) {
    const to = Math.min(from + rowsPerBlock, shard.rowCount);
    made.push(() => {
      let text = '';
      for (let row = shard.firstRow + from; row < shard.firstRow + to; row++) {
        const made = row === shard.firstRow ? shard.madeOfFirst : 0;
        for (const template of shard.templates.slice(made)) text += line(row, template);
      }
      return Buffer.from(text);
    });
  }
  return made;
}

/** The shard's manifest lines, block by block. */
export const failedShardManifest = (shard: LostRows): MakeBlock[] =>
  blocks(shard, (row, template) => missingDocumentLine(row, template, 'failed'));

/** The shard's failure lines, block by block. */
export const failedShardFailures = (shard: LostRows): MakeBlock[] =>
  blocks(shard, (row, template) => failureLine({ row, template, ...shard.failure }));
