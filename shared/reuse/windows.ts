/**
 * Documents of segments, read in windows of several at a time. Who reads on gets larger ones, and the next
 * is read while the last is used.
 */
import type { KnownEntries } from '../archive/segmentReader.ts';
import type { Ports } from '../ports.ts';

/** A segment whose documents are read: its entries lie one after the other. */
export interface OpenSegment extends KnownEntries {
  readonly key: string;
  /** Size of the object. */
  readonly bytes: number;
}

/** Some of its entries, from the first to the last. */
interface Window {
  readonly segment: OpenSegment;
  readonly first: number;
  readonly last: number;
  readonly from: number;
  readonly bytes: Uint8Array;
}

type Reading = Omit<Window, 'bytes'> & { readonly bytes: Promise<Uint8Array> };

const MiB = 1024 * 1024;
/** A request to S3 costs as much as the reading of so much. */
const FIRST_WINDOW_BYTES = MiB;
/** One connection to S3 takes some 80 MB/s: 50 ms of reading, of which the first byte is less than half. */
const WINDOW_BYTES = 4 * MiB;
/** The last that were read are kept, up to so many bytes; the last one in any case. */
const KEPT_BYTES = 4 * WINDOW_BYTES;

/** Whether all documents of a segment are read at once. */
export const isSmall = ({ entries }: OpenSegment): boolean => endOf(entries.at(-1)) <= WINDOW_BYTES;

const endOf = (entry: KnownEntries['entries'][number] | undefined) =>
  entry ? entry.offset + entry.size : 0;

export interface Windows {
  /** The content of an entry: valid until the next call. @throws what reading throws */
  read(segment: OpenSegment, entry: number): Promise<Uint8Array>;
}

export function createWindows({ objects }: Pick<Ports, 'objects'>): Windows {
  /** The newest first. */
  let kept: Window[] = [];
  let ahead: Reading | undefined;
  let windowBytes = FIRST_WINDOW_BYTES;

  function begin(segment: OpenSegment, first: number, mostBytes = Infinity): Reading | undefined {
    const { key, entries } = segment;
    const from = entries[first]?.headerOffset;
    if (from === undefined) return undefined;
    let last = first;
    while (last + 1 < entries.length && endOf(entries[last + 1]) - from <= windowBytes) last++;
    const length = endOf(entries[last]) - from;
    if (length > mostBytes) return undefined;
    const bytes = objects.read(key, { offset: from, length });
    // Whoever waits for it is told; often nobody does.
    bytes.catch(() => undefined);
    return { segment, first, last, from, bytes };
  }

  function keep(window: Window) {
    let bytes = 0;
    kept = [window, ...kept].filter(
      (each) => (bytes += each.bytes.length) <= KEPT_BYTES || each === window,
    );
  }

  const covers = (
    { segment: its, first, last }: Pick<Window, 'segment' | 'first' | 'last'>,
    segment: OpenSegment,
    entry: number,
  ) => its === segment && first <= entry && entry <= last;

  async function load(segment: OpenSegment, entry: number): Promise<Window> {
    const [last] = kept;
    const goesOn = last?.segment === segment && entry > last.last;
    const isWhole = isSmall(segment);
    windowBytes = isWhole
      ? WINDOW_BYTES
      : goesOn
        ? Math.min(2 * windowBytes, WINDOW_BYTES)
        : FIRST_WINDOW_BYTES;
    const isAhead = ahead && covers(ahead, segment, entry);
    const reading = isAhead ? ahead : begin(segment, isWhole ? 0 : entry);
    ahead = undefined;
    if (!reading) throw new Error('There is no such entry.');
    const window = { ...reading, bytes: await reading.bytes };
    keep(window);
    if (goesOn) ahead = begin(segment, window.last + 1, WINDOW_BYTES);
    return window;
  }

  return {
    async read(segment, entry) {
      const window =
        kept.find((each) => covers(each, segment, entry)) ?? (await load(segment, entry));
      const { offset = 0, size = 0 } = segment.entries[entry] ?? {};
      const at = offset - window.from;
      return window.bytes.subarray(at, at + size);
    },
  };
}
