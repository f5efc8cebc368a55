/**
 * Documents of segments, read in windows of several at a time. Who reads on gets larger ones, and the next
 * is read while the last is used.
 */
import type { KnownEntries } from '../archive/segmentReader.ts';
import type { Ports } from '../ports.ts';

/** A segment whose documents are read: its entries lie one after the other. */
export interface OpenSegment extends KnownEntries {
  readonly key: string;
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

export interface Windows {
  /** The content of an entry, if it was read: valid until the next `load`. */
  at(segment: OpenSegment, entry: number): Uint8Array | undefined;
  /** Reads a window that begins with this entry. @throws what reading throws */
  load(segment: OpenSegment, entry: number): Promise<void>;
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
    const endOf = (i: number) => (entries[i]?.offset ?? 0) + (entries[i]?.size ?? 0);
    while (last + 1 < entries.length && endOf(last + 1) - from <= windowBytes) last++;
    const length = endOf(last) - from;
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

  return {
    at(segment, entry) {
      const window = kept.find((each) => covers(each, segment, entry));
      const place = segment.entries[entry];
      if (!window || !place) return undefined;
      const at = place.offset - window.from;
      return window.bytes.subarray(at, at + place.size);
    },
    async load(segment, entry) {
      const [last] = kept;
      const goesOn = last?.segment === segment && entry > last.last;
      windowBytes = goesOn ? Math.min(2 * windowBytes, WINDOW_BYTES) : FIRST_WINDOW_BYTES;
      const isAhead = ahead && covers(ahead, segment, entry);
      const reading = isAhead ? ahead : begin(segment, entry);
      ahead = undefined;
      if (!reading) return;
      const window = { ...reading, bytes: await reading.bytes };
      keep(window);
      if (goesOn) ahead = begin(segment, window.last + 1, WINDOW_BYTES);
    },
  };
}
