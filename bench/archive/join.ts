/**
 * How long it takes to make one archive of what the shards of a large task have written, without
 * input and output: laying it out, moving the directories, joining the manifests. The documents
 * themselves are copied inside S3 and never come here.
 */
import { randomBytes } from 'node:crypto';
import { assembleArchive, type ShardContribution } from '../../shared/archive/assembleArchive.ts';
import { createSegmentWriter } from '../../shared/archive/segmentWriter.ts';
import type { ObjectStore } from '../../shared/ports.ts';
import type { Segment } from '../../shared/schemas/items.ts';
import type { Benchmark } from '../benchmark.ts';
import { compare } from '../measure/compare.ts';
import { figure } from '../measure/table.ts';
import { present } from '../results.ts';
import { storeOf, uploadTo } from '../stores.ts';

const SEGMENTS = 50;
const DOCUMENTS_PER_SEGMENT = 2_000;
const DOCUMENT_BYTES = 12_000;
const DOCUMENTS = SEGMENTS * DOCUMENTS_PER_SEGMENT;

/** The contender that others speak of. */
export const JOINING = 'Sheaf';

/** A segment that was written, without its documents: what lies behind them is kept. */
interface ReadySegment {
  readonly segment: Segment;
  readonly tail: Buffer;
}

/** More than the directory and the report lines of one segment take. */
const MOST_TAIL_BYTES = 4 * 1024 * 1024;

async function writeSegment(index: number, document: Uint8Array): Promise<ReadySegment> {
  let end = Buffer.alloc(0);
  const keepEnd = (body: Uint8Array) => {
    end = Buffer.concat([end, body.subarray(-MOST_TAIL_BYTES)]).subarray(-MOST_TAIL_BYTES);
  };
  const objects = storeOf({
    put: async (_key, body) => (keepEnd(body), true),
    startUpload: async () => uploadTo(keepEnd),
  });
  const writer = createSegmentWriter({ objects }, `segments/${index}`);
  for (let i = 1; i <= DOCUMENTS_PER_SEGMENT; i++) {
    const row = index * DOCUMENTS_PER_SEGMENT + i;
    writer.document({ row, template: 'letter', name: `letter-${row}.docx`, bytes: document });
    if (writer.full) await writer.flush();
  }
  const segment = await writer.finish();
  const { directoryBytes, manifestBytes, failuresBytes } = segment;
  return {
    segment,
    tail: Buffer.from(end.subarray(-directoryBytes - manifestBytes - failuresBytes)),
  };
}

/** A store of these segments, whose documents read as zeros. What is written to it is not kept. */
function storeOfSegments(ready: readonly ReadySegment[]): ObjectStore {
  const byKey = new Map(ready.map((one) => [one.segment.key, one]));
  return storeOf({
    put: async () => true,
    startUpload: async () => uploadTo(() => undefined),
    async read(key, range) {
      const found = byKey.get(key);
      if (!found || !range) throw new Error('Only ranges of the segments are read.');
      const { segment, tail } = found;
      const at = range.offset - segment.entriesBytes;
      if (at >= 0) return tail.subarray(at, at + range.length);
      const bytes = Buffer.alloc(range.length);
      tail.copy(bytes, -at);
      return bytes;
    },
  });
}

function copyInto(target: Buffer, pieces: readonly Buffer[]): void {
  let at = 0;
  for (const piece of pieces) at += piece.copy(target, at);
}

export const join: Benchmark = {
  name: 'join',
  arguments: '',
  about: 'ready segments to one archive, beside copying the same bytes',
  async run() {
    const document = randomBytes(DOCUMENT_BYTES);
    const ready: ReadySegment[] = [];
    for (let i = 0; i < SEGMENTS; i++) ready.push(await writeSegment(i, document));
    const objects = storeOfSegments(ready);
    const contributions = ready.map(({ segment }): ShardContribution => ({ segments: [segment] }));
    const tails = ready.map(({ tail }) => tail);
    const bytes = tails.reduce((sum, tail) => sum + tail.length, 0);
    const target = Buffer.allocUnsafeSlow(bytes);
    const comparison = await compare({
      title: `${SEGMENTS} segments of ${figure(DOCUMENTS_PER_SEGMENT)} documents`,
      unit: 'archive',
      floor: 'copying directories and manifests',
      contenders: [
        {
          name: JOINING,
          role: 'ours',
          async run(times) {
            for (let i = 0; i < times; i++) {
              const made = await assembleArchive(
                { objects },
                { archiveKey: 'archive', failuresKey: 'failures', contributions },
              );
              if (made.documents !== DOCUMENTS) throw new Error('Documents are missing.');
            }
            return times * bytes;
          },
        },
        {
          name: 'copying directories and manifests',
          role: 'floor',
          run(times) {
            for (let i = 0; i < times; i++) copyInto(target, tails);
            return times * bytes;
          },
        },
      ],
    });
    await present('join', [comparison]);
  },
};
