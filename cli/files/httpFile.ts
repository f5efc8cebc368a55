/**
 * A file behind a signed link, read in stretches: one answer is read on for as long as what is asked for
 * lies ahead of it, and a connection that breaks is taken up where it broke (RFC 9110, 14: ranges).
 */
import { platformClock } from '../../client/clock.ts';
import type { RangedFile } from '../../shared/zip/rangedZip.ts';
import { CliError } from '../errors.ts';

/** Where a file is, for some time. */
export interface Link {
  readonly url: string;
}

export interface HttpFile extends RangedFile {
  /** What tells this content from any other one; undefined when the server has nothing that does. */
  readonly etag: string | undefined;
  close(): Promise<void>;
}

export interface Patience {
  /** Without a byte for so long a connection is given up, in ms. */
  readonly silenceMs: number;
  /** Before a stretch is asked for again; it doubles with each try that brings nothing, in ms. */
  readonly firstWaitMs: number;
}

const PATIENCE: Patience = { silenceMs: 60_000, firstWaitMs: 250 };
/** Without a single byte in between, a stretch is asked for so often. */
const MOST_TRIES = 6;
/** What lies ahead no further than this is read past, instead of being asked for anew, in bytes. */
const SKIPPED_BYTES = 1024 * 1024;

/** Statuses that may pass by themselves; after any other refusal a link is signed anew, as it may have expired. */
const isPassing = (status: number) =>
  status >= 500 || status === 408 || status === 425 || status === 429;
/** It is not what it was: the precondition failed, or it ends before what was asked for. */
const saysChanged = (status: number) => status === 412 || status === 416;

interface Reading {
  /** Where in the file the next byte is. */
  at: number;
  readonly next: () => Promise<Uint8Array | undefined>;
  /** What was read and not asked for yet. */
  rest: Uint8Array;
  readonly end: () => void;
}

/**
 * Opens what a link leads to.
 * @param link signs one anew when the last one has expired
 * @throws CliError when the file cannot be had, or changed meanwhile; what `link` throws; the signal's reason
 */
export async function openHttpFile(
  link: () => Promise<Link>,
  signal: AbortSignal,
  onBytes: (count: number) => void = () => undefined,
  { silenceMs, firstWaitMs }: Patience = PATIENCE,
): Promise<HttpFile> {
  let { url } = await link();
  let known: Identity | undefined;
  let takesRanges = true;
  let reading: Reading | undefined;

  /** Asks for the file from a byte on. */
  async function open(at: number): Promise<Reading> {
    const silence = new AbortController();
    const heard = <T>(work: Promise<T>) => unlessSilent(work, silence, silenceMs);
    const ifMatch = known?.etag !== undefined && !isWeak(known.etag);
    const answer = await heard(
      fetch(url, {
        headers: { range: `bytes=${at}-`, ...(ifMatch && { 'if-match': known?.etag }) },
        signal: AbortSignal.any([signal, silence.signal]),
      }),
    );
    const end = () => silence.abort();
    try {
      const from = await startOf(answer, at);
      const pieces = answer.body?.values();
      if (!pieces) throw new Broken('an answer without content');
      return {
        ...{ at: from, rest: new Uint8Array(0), end },
        next: async () => {
          const next = (await heard(pieces.next())) as IteratorResult<Uint8Array, undefined>;
          return next.value;
        },
      };
    } catch (error) {
      end();
      throw error;
    }
  }

  /** Where in the file the content of an answer begins, which has to be of the same file as those before. */
  async function startOf(answer: Response, at: number): Promise<number> {
    const { status, headers } = answer;
    if (saysChanged(status)) throw known ? changed() : new CliError('The download is empty.');
    if (status !== 200 && status !== 206) {
      if (!isPassing(status)) ({ url } = await link());
      throw new Broken(`HTTP ${status}`);
    }
    const encoding = headers.get('content-encoding') ?? 'identity';
    if (encoding !== 'identity') {
      throw new CliError(
        `The download comes in another form than it was made (${encoding}): something between here and the service changes it. Ask whoever runs your network or proxy.`,
      );
    }
    const range = /^bytes (\d+)-\d+\/(\d+)$/i.exec(headers.get('content-range') ?? '');
    if (status === 206 && Number(range?.[1]) !== at)
      throw new Broken('another range than asked for');
    const length = headers.get('content-length');
    const bytes =
      status === 206 ? Number(range?.[2]) : length === null ? undefined : Number(length);
    const etag = headers.get('etag') ?? undefined;
    if (known) {
      const isOther = (etag ?? known.etag) !== known.etag || (bytes ?? known.bytes) !== known.bytes;
      if (isOther) throw changed();
    } else if (bytes === undefined) {
      throw new CliError('The download does not say how large it is. Run the command again.');
    } else known = { etag, bytes };
    takesRanges = status === 206;
    return takesRanges ? at : 0;
  }

  /** Tries work that reads, again and again as long as it may help. */
  async function tried<T>(work: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await work();
      } catch (error) {
        close();
        signal.throwIfAborted();
        if (!(error instanceof Broken)) throw error;
        if (tries === MOST_TRIES) {
          throw new CliError(
            `The download broke off (${error.message}) and could not be taken up. Run the command again.`,
          );
        }
        await platformClock.sleep(firstWaitMs * 2 ** (tries - 1), signal);
      }
    }
  }

  /** The next bytes from `at` on, at most `length`; of what lies before them nothing is kept. */
  function next(at: number, length: number): Promise<Uint8Array> {
    const isBehind = reading !== undefined && reading.at > at;
    const isFar = reading !== undefined && takesRanges && at - reading.at > SKIPPED_BYTES;
    if (isBehind || isFar) close();
    return tried(async () => {
      const from = (reading ??= await open(at));
      for (;;) {
        if (from.rest.length === 0) {
          const piece = await from.next();
          if (!piece) throw new Broken('the answer ended early');
          from.rest = piece;
          onBytes(piece.length);
        }
        const skipped = Math.min(at - from.at, from.rest.length);
        const own = from.rest.subarray(skipped, skipped + length);
        from.at += skipped + own.length;
        from.rest = from.rest.subarray(skipped + own.length);
        if (own.length > 0) return own;
      }
    });
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

  // The first answer tells how many bytes there are, and of what.
  const { bytes, etag } = await tried(async () => {
    reading = await open(0);
    return known ?? { bytes: 0, etag: undefined };
  });
  return {
    bytes,
    etag: etag === undefined || isWeak(etag) ? undefined : etag,
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

interface Identity {
  readonly etag: string | undefined;
  readonly bytes: number;
}

/** Two contents may share it (RFC 9110, 8.8.1). */
const isWeak = (etag: string) => etag.startsWith('W/');

const changed = () =>
  new CliError('The file changed while it was downloaded. Run the command again.');

/** It may go on when it is asked for again. */
class Broken extends Error {}

/** What comes within some time; otherwise, and when the connection breaks, the connection is given up. */
async function unlessSilent<T>(
  work: Promise<T>,
  silence: AbortController,
  silenceMs: number,
): Promise<T> {
  const timer = setTimeout(() => silence.abort(), silenceMs);
  try {
    return await work;
  } catch (error) {
    if (silence.signal.aborted) throw new Broken(`nothing came for ${silenceMs / 1000} s`);
    throw new Broken(reasonOf(error));
  } finally {
    clearTimeout(timer);
  }
}

/** As the system calls it. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  if (!(cause instanceof Error)) return 'the connection broke';
  return 'code' in cause ? `${String(cause.code)}, ${cause.message}` : cause.message;
}
