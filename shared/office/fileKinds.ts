/** What a file is, by how it begins, whatever its name says: for messages that say what to do. */
import { COMPOUND_FILE_SIGNATURE } from './compoundFile.ts';

/** Kinds that are uploaded by mistake. */
export type FileKind =
  | 'old Office file'
  | 'Excel workbook'
  | 'Word document'
  | 'PowerPoint presentation'
  | 'OpenDocument file'
  | 'iWork file'
  | 'ZIP file'
  | 'PDF'
  | 'RTF document'
  | 'web page'
  | 'XML file'
  | 'picture'
  | 'compressed file'
  | 'database';

/** Enough of a file: ZIP files name what is in them one after the other. */
export const KIND_BYTES = 4 * 1024;

const bytesOf = (text: string) => Array.from(Buffer.from(text, 'latin1'));
const SIGNATURES: readonly (readonly [FileKind, readonly number[]])[] = [
  ['old Office file', COMPOUND_FILE_SIGNATURE],
  // Excel before OLE (BIFF 2 to 4).
  ['old Office file', [0x09, 0x00, 0x04, 0x00]],
  ['old Office file', [0x09, 0x02, 0x06, 0x00]],
  ['old Office file', [0x09, 0x04, 0x06, 0x00]],
  ['PDF', bytesOf('%PDF-')],
  ['RTF document', bytesOf('{\\rtf')],
  ['picture', bytesOf('\x89PNG')],
  ['picture', bytesOf('\xff\xd8\xff')],
  ['picture', bytesOf('GIF8')],
  ['compressed file', bytesOf("7z\xbc\xaf'\x1c")],
  ['compressed file', bytesOf('Rar!\x1a')],
  ['compressed file', bytesOf('BZh9')],
  ['compressed file', bytesOf('\xfd7zXZ')],
  ['compressed file', bytesOf('\x28\xb5\x2f\xfd')],
  ['database', bytesOf('SQLite format 3\0')],
  ['database', bytesOf('PAR1')],
  ['database', bytesOf('\0\x01\0\0Standard')],
];

/** Names of entries, or what the first of them holds, by the kind of ZIP file. */
const IN_ZIP: readonly (readonly [FileKind, RegExp])[] = [
  ['OpenDocument file', /mimetypeapplication\/vnd\.oasis\.opendocument/],
  ['Excel workbook', /xl\/(?:workbook|worksheets|_rels|styles|theme|sharedStrings)/],
  ['Word document', /word\/(?:document|_rels|styles|theme|settings)/],
  ['PowerPoint presentation', /ppt\/(?:presentation|_rels|slides|theme)/],
  ['iWork file', /\.iwa|Index\.zip|preview(?:-web|-micro)?\.jpg/],
];

const WEB_PAGE = /^(?:<!--[^]*?-->\s*)?<(?:!doctype\s+html|html|head|body|meta|style|table)\b/i;
const XML = /^<\?xml\b/i;

/**
 * The kind of a file that is no table of text and no JSON; undefined for what may be one.
 * @param head its first KIND_BYTES, or all of it
 */
export function fileKindOf(head: Uint8Array): FileKind | undefined {
  const known = SIGNATURES.find(([, signature]) => signature.every((byte, i) => head[i] === byte));
  if (known) return known[0];
  const text = Buffer.from(head.subarray(0, KIND_BYTES)).toString('latin1');
  if (text.startsWith('PK\x03\x04') || text.startsWith('PK\x05\x06')) {
    return IN_ZIP.find(([, names]) => names.test(text))?.[0] ?? 'ZIP file';
  }
  // Without a byte-order mark, and in UTF-16 too.
  const plain = text
    .replace(/^(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)/, '')
    .replace(/\0/g, '')
    .trimStart();
  if (WEB_PAGE.test(plain)) return 'web page';
  return XML.test(plain) ? (/<html\b/i.test(plain) ? 'web page' : 'XML file') : undefined;
}
