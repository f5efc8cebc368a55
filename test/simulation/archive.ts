/** An archive of the simulated bucket, read back by another implementation than the one that wrote it. */
import { crc32 } from 'node:zlib';
import {
  FAILURES_HEADER,
  MANIFEST_HEADER,
  parseFailureLines,
  parseManifestLines,
} from '../../shared/archive/reports.ts';
import { readArchive } from '../support/archives.ts';
import type { FoundDocument, FoundFailure, FoundLine } from './invariants/outcomes.ts';

/** What two documents are compared by. */
export const fingerprint = (bytes: Uint8Array): string => `${bytes.length} ${crc32(bytes)}`;

export interface FoundArchive {
  readonly documents: readonly FoundDocument[];
  readonly manifest: readonly FoundLine[];
  readonly failures: readonly (FoundFailure & { readonly detail: string })[];
}

/** @throws Error when it is damaged */
export async function readFoundArchive(bytes: Uint8Array): Promise<FoundArchive> {
  const entries = await readArchive(bytes);
  const linesOf = <L>(
    name: string,
    header: string,
    parse: (bytes: Uint8Array) => readonly { readonly line: L }[],
  ): L[] => {
    const report = entries.find((entry) => entry.name === name)?.bytes;
    return report ? parse(report.subarray(Buffer.byteLength(header))).map(({ line }) => line) : [];
  };
  return {
    documents: entries
      .filter(({ name }) => !name.startsWith('_'))
      .map(({ name, bytes: document }) => ({ name, content: fingerprint(document) })),
    manifest: linesOf('_manifest.csv', MANIFEST_HEADER, parseManifestLines),
    failures: linesOf('_failures.csv', FAILURES_HEADER, parseFailureLines),
  };
}
