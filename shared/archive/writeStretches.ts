/** Makes an object of stretches, by a plan of parts, in parallel and within bounded memory. */
import { runLanes } from '../boundedWork.ts';
import { COPIES_AT_ONCE, JOINED_BYTES_AT_ONCE, JOINS_AT_ONCE, READS_AT_ONCE } from '../limits.ts';
import type { MultipartUpload, Ports } from '../ports.ts';
import { type ByteStretch, fillSlice, sourceRange } from './byteStretch.ts';
import { type Part, planParts, type Slice } from './partPlan.ts';
import { sharedReads } from './sharedReads.ts';

/**
 * Writes the object at `key`, in place of an earlier one. An object that fits into one joined part
 * is a single put. When anything fails the upload is aborted, and the object that was there stays.
 */
export async function writeStretches(
  ports: Pick<Ports, 'objects'>,
  key: string,
  stretches: readonly ByteStretch[],
  contentType: string,
): Promise<void> {
  const parts = planParts(stretches);
  const [only] = parts;
  // An upload has at least one part.
  if (only === undefined) {
    await ports.objects.put(key, new Uint8Array(), { contentType });
    return;
  }
  if (parts.length === 1 && only.kind === 'join') {
    await ports.objects.put(key, await joinPart(ports, only), { contentType });
    return;
  }
  const upload = await ports.objects.startUpload(key, { contentType });
  try {
    await uploadParts(ports, upload, parts);
    await upload.complete();
  } catch (error) {
    await forget(upload);
    throw error;
  }
}

type JoinedPart = Extract<Part<ByteStretch>, { kind: 'join' }>;

async function uploadParts(
  ports: Pick<Ports, 'objects'>,
  upload: MultipartUpload,
  parts: readonly Part<ByteStretch>[],
) {
  const copies: (() => Promise<void>)[] = [];
  const joins: (() => Promise<void>)[] = [];
  let largestJoin = 1;
  for (const [index, part] of parts.entries()) {
    const partNumber = index + 1;
    if (part.kind === 'copy') {
      copies.push(() => copyPart(upload, partNumber, part.slice));
    } else {
      largestJoin = Math.max(largestJoin, part.length);
      joins.push(async () => upload.uploadPart(partNumber, await joinPart(ports, part)));
    }
  }
  const joinsAtOnce = Math.min(JOINS_AT_ONCE, Math.floor(JOINED_BYTES_AT_ONCE / largestJoin));
  await runLanes([
    { atOnce: COPIES_AT_ONCE, work: copies },
    { atOnce: Math.max(1, joinsAtOnce), work: joins },
  ]);
}

async function copyPart(upload: MultipartUpload, partNumber: number, slice: Slice<ByteStretch>) {
  const { stretch } = slice;
  if (stretch.kind !== 'object') throw new Error('Only bytes of an object can be copied.');
  await upload.copyPart(partNumber, stretch.key, sourceRange({ ...slice, stretch }));
}

async function joinPart(
  ports: Pick<Ports, 'objects'>,
  { slices, length }: JoinedPart,
): Promise<Uint8Array> {
  const joined = new Uint8Array(length);
  let at = 0;
  const objects = sharedReads(ports.objects, slices);
  const work = slices.map((slice) => {
    const target = joined.subarray(at, (at += slice.length));
    return () => fillSlice({ objects }, slice, target);
  });
  await runLanes([{ atOnce: READS_AT_ONCE, work }]);
  return joined;
}

/** The error that led here matters more than one of cleaning up; lifecycle rules remove the parts. */
async function forget(upload: MultipartUpload) {
  await upload.abort().catch(() => undefined);
}
