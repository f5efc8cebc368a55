/**
 * A file behind a signed link, read in stretches: one answer is read on for as long as what is asked for
 * lies ahead of it, and a connection that breaks is taken up where it broke (RFC 9110, 14: ranges).
 */
import type { RangedFile } from '../../shared/zip/rangedZip.ts';
import { CliError } from '../errors.ts';

/** Where a file is, for some time. */
export interface Link {
  readonly url: string;
}

export interface HttpFile extends RangedFile {
  /** What tells this content from another one under the same name. */
  readonly etag: string;
  close(): Promise<void>;
}

/** What lies ahead no further than this is read past, instead of being asked for anew, in bytes. */
const SKIPPED_BYTES = 1024 * 1024;
/** Without a single byte in between, a stretch is asked for so often; waits double from the first on, in ms. */
const MOST_TRIES = 6;
const FIRST_WAIT_MS = 250;
/** Without a byte for so long a connection is given up, in ms. */
const SILENCE_MS = 60_000;

/** The link leads nowhere any more: it has expired, or the file is gone. */
const isGone = (status: number) => status === 403 || status === 404;

interface Reading {
  /** Where in the file the next byte is. */
  at: number;
  readonly pieces: AsyncIterator<Uint8Array, undefined>;
  /** What was read and not asked for yet. */
  rest: Uint8Array;
  readonly end: () => void;
}

/**
 * Opens what a link leads to.
 * @param link signs one anew when the last one has expired
 * @throws CliError when the file cannot be had, or changed meanwhile; the signal's reason
 */
export async function openHttpFile(
  link: () => Promise<Link>,
  signal: AbortSignal,
  onBytes: (count: number) => void = () => undefined,
): Promise<HttpFile> {
  let { url } = await link();
  let bytes: number | undefined;
  let etag: string | undefined;
  let reading: Reading | undefined;

  /** Asks for the file from a byte on. */
  async function open(at: number): Promise<Reading> {
    const silence = new AbortController();
    const answer = await fetch(url, {
      headers: { range: `bytes=${at}-`, ...(etag !== undefined && { 'if-match': etag }) },
      signal: AbortSignal.any([signal, silence.signal]),
    });
    if (isGone(answer.status)) {
      ({ url } = await link());
      throw new Broken(`HTTP ${answer.status}`);
    }
    if (answer.status === 412) {
      throw new CliError('The file changed while it was downloaded. Run the command again.');
    }
    const isWhole = answer.status === 200 && at === 0;
    if (!answer.body || (answer.status !== 206 && !isWhole)) {
      throw new Broken(`HTTP ${answer.status}`);
    }
    etag ??= answer.headers.get('etag') ?? undefined;
    bytes ??= sizeOf(answer);
    const pieces = answer.body.values();
    return {
      at,
      rest: new Uint8Array(0),
      end: () => {
        silence.abort();
        void pieces.return?.().catch(() => undefined);
      },
      pieces: {
        next: async () => {
          const timer = setTimeout(() => silence.abort(new Broken('silence')), SILENCE_MS);
          try {
            return (await pieces.next()) as IteratorResult<Uint8Array, undefined>;
          } finally {
            clearTimeout(timer);
          }
        },
      },
    };
  }

  /** The next bytes from `at` on, at most `length`; of what lies before them nothing is kept. */
  async function next(at: number, length: number): Promise<Uint8Array> {
    if (reading && (reading.at > at || at - reading.at > SKIPPED_BYTES)) close();
    for (let tries = 1; ; tries++) {
      try {
        reading ??= await open(at);
        for (;;) {
          if (reading.rest.length === 0) {
            const { value, done } = await reading.pieces.next();
            if (done === true) throw new Broken('the answer ended early');
            reading.rest = value;
            onBytes(value.length);
          }
          const skipped = Math.min(at - reading.at, reading.rest.length);
          const own = reading.rest.subarray(skipped, skipped + length);
          reading.at += skipped + own.length;
          reading.rest = reading.rest.subarray(skipped + own.length);
          if (own.length > 0) return own;
        }
      } catch (error) {
        close();
        signal.throwIfAborted();
        if (error instanceof CliError) throw error;
        if (tries === MOST_TRIES) {
          const cause = error instanceof Broken ? ` (${error.message})` : '';
          throw new CliError(
            `The download broke off${cause} and could not be taken up. Run the command again.`,
          );
        }
        await new Promise((resolve) => setTimeout(resolve, FIRST_WAIT_MS * 2 ** (tries - 1)));
      }
    }
  }

  function close() {
    reading?.end();
    reading = undefined;
  }

  async function* stream({ offset, length }: { offset: number; length: number }) {
    for (let done = 0; done < length;) {
      const piece = await next(offset + done, length - done);
      done += piece.length;
      yield piece;
    }
  }

  // The first byte tells how many there are, and of what.
  const first = await next(0, 1);
  const opened = reading;
  if (opened) {
    opened.rest = Buffer.concat([first, opened.rest]);
    opened.at = 0;
  }
  if (bytes === undefined) throw new CliError('The download does not say how large it is.');
  return {
    bytes,
    etag: etag ?? '',
    stream,
    async read(range) {
      const pieces: Uint8Array[] = [];
      for await (const piece of stream(range)) pieces.push(piece);
      return Buffer.concat(pieces);
    },
    close: async () => {
      close();
      await Promise.resolve();
    },
  };
}

/** Of the whole file, by an answer with all or a range of it. */
function sizeOf({ status, headers }: Response): number | undefined {
  const said =
    status === 206
      ? /\/(\d+)$/.exec(headers.get('content-range') ?? '')?.[1]
      : headers.get('content-length');
  return said === null || said === undefined ? undefined : Number(said);
}

class Broken extends Error {}
