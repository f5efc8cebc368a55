/**
 * What the documents of a segment were made from, and what came out of it, in the order of the directory:
 * first the fingerprints of all, FINGERPRINT_BYTES each, then the SHA-256 of all. A fingerprint
 * (reuse/fingerprint.ts) is so but for its first bit, which says whether the document was taken over from
 * another task. One of zeros tells nothing.
 */
import {
  appendBytes,
  createGrowingBuffer,
  reserve,
  writtenBytes,
  type GrowingBuffer,
} from './growingBuffer.ts';

/** 127 bits: two of a hundred million documents share one by chance once in 10^22 tasks. */
export const FINGERPRINT_BYTES = 16;
const SHA256_BYTES = 32;
/** Of a document. */
export const ORIGIN_BYTES = FINGERPRINT_BYTES + SHA256_BYTES;
const REUSED_BIT = 0x80;

/** What is noted of one document. */
export interface Origin {
  readonly fingerprint: Uint8Array;
  readonly sha256: Uint8Array;
}

export interface OriginsWriter {
  /**
   * @param fingerprint FINGERPRINT_BYTES in hex, of which the first bit is free; undefined tells nothing
   * @param sha256 of the document, in hex
   */
  add(fingerprint: string | undefined, sha256: string, isReused: boolean): void;
  /** Adds what another segment tells; undefined tells nothing. */
  addOrigin(origin: Origin | undefined): void;
  /** Of them, documents that were taken over. */
  readonly reused: number;
  /** Everything; nothing where no fingerprint is told. */
  bytes(): Uint8Array;
}

const NOTHING: Origin = {
  fingerprint: new Uint8Array(FINGERPRINT_BYTES),
  sha256: new Uint8Array(SHA256_BYTES),
};

export function createOriginsWriter(): OriginsWriter {
  const fingerprints = createGrowingBuffer();
  const hashes = createGrowingBuffer();
  let told = false;
  let reused = 0;

  function addOrigin(origin = NOTHING) {
    appendBytes(fingerprints, origin.fingerprint);
    appendBytes(hashes, origin.sha256);
    told ||= origin !== NOTHING;
    if (((origin.fingerprint[0] ?? 0) & REUSED_BIT) !== 0) reused++;
  }

  return {
    addOrigin,
    add(fingerprint, sha256, isReused) {
      if (fingerprint === undefined) return addOrigin();
      const at = appendHex(fingerprints, fingerprint, FINGERPRINT_BYTES);
      appendHex(hashes, sha256, SHA256_BYTES);
      const first = (fingerprints.bytes[at] ?? 0) & ~REUSED_BIT;
      fingerprints.bytes[at] = isReused ? first | REUSED_BIT : first;
      told = true;
      if (isReused) reused++;
    },
    get reused() {
      return reused;
    },
    bytes: () =>
      told ? Buffer.concat([writtenBytes(fingerprints), writtenBytes(hashes)]) : new Uint8Array(),
  };
}

/** Answers where it begins. */
function appendHex(buffer: GrowingBuffer, hex: string, bytes: number): number {
  reserve(buffer, bytes);
  const at = buffer.length;
  buffer.length += buffer.bytes.write(hex, at, bytes, 'hex');
  return at;
}

/** Takes out of fingerprints, in place, what is no part of them. */
export function keepFingerprints(fingerprints: Uint8Array): void {
  for (let at = 0; at < fingerprints.length; at += FINGERPRINT_BYTES) {
    fingerprints[at] = (fingerprints[at] ?? 0) & ~REUSED_BIT;
  }
}

/**
 * What is told of a document.
 * @param origins of a segment of so many documents; empty where it tells nothing
 * @param entry the document's number in the segment, from 0
 */
export function originOf(
  origins: Uint8Array,
  documents: number,
  entry: number,
): Origin | undefined {
  if (origins.length === 0) return undefined;
  const stretch = (from: number, each: number) =>
    origins.subarray(from + entry * each, from + (entry + 1) * each);
  return {
    fingerprint: stretch(0, FINGERPRINT_BYTES),
    sha256: stretch(documents * FINGERPRINT_BYTES, SHA256_BYTES),
  };
}
