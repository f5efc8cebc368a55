/** Files that are no .xlsx, whatever their name says, and what to do. */
import { COMPOUND_FILE_SIGNATURE } from '../../office/compoundFile.ts';
import { fileKindOf, KIND_BYTES, type FileKind } from '../../office/fileKinds.ts';
import type { RangedFile } from '../../zip/rangedZip.ts';
import { GZIP_SIGNATURE } from '../gunzip.ts';
import { SourceFault } from '../sourceFault.ts';
import { noWorkbook, SAVE_AS } from './faults.ts';

const ADVICE: Partial<Record<FileKind, string>> = {
  'Word document': 'This is a Word document, not a workbook. Upload it as a template.',
  'PowerPoint presentation': 'This is a PowerPoint presentation, not a workbook.',
  'OpenDocument file': `This is an OpenDocument file (.ods or .odt), not an Excel workbook. Open it in LibreOffice, save it as "Excel 2007-365 (.xlsx)" and upload that.`,
  'iWork file':
    'This is a file of Numbers or Pages, not an Excel workbook. Export the table from Numbers as Excel (.xlsx) and upload that.',
  PDF: 'This is a PDF, not a workbook. Upload the table that it was made from.',
  'RTF document': 'This is an RTF document, not a workbook.',
  'web page': `This is a web page (HTML), which Excel opens as a table, not a workbook. ${SAVE_AS}`,
  'XML file': `This is plain XML, not a workbook of today. ${SAVE_AS}`,
  picture: 'This is a picture, not a workbook.',
  'compressed file':
    'This is a compressed file, not a workbook. Unpack it and upload the workbook.',
  database: 'This is a database or a file of a data format, not a workbook. Export the table.',
};
const OLD = `This is an old Excel workbook (.xls), whatever its name says. ${SAVE_AS}`;
const ENCRYPTED =
  'The workbook has a password. Open it in Excel, remove the password (File, Info, Protect Workbook, Encrypt with Password), save it and upload that.';
const GZIP =
  'This is compressed with gzip. A workbook is compressed already: upload it as it is, under a name that ends in .xlsx.';
const TEXT =
  'This is a table of text, or another file, not an Excel workbook. Upload it as a new data source under a name that ends in .csv, .json or .jsonl.';
export const BINARY_WORKBOOK = `This is a binary Excel workbook (.xlsb). ${SAVE_AS}`;

/** The directory of a compound file ([MS-CFB] 2.2, 2.6): where it begins, and the size of sectors. */
const SECTOR_SHIFT_AT = 30;
const DIRECTORY_AT = 48;
/** A few sectors hold the names of all streams of an encrypted file. */
const DIRECTORY_BYTES = 8 * 1024;

/**
 * Refuses what is no ZIP.
 * @throws SourceFault
 */
export async function requireZip(file: RangedFile): Promise<void> {
  const head = await file.read({ offset: 0, length: Math.min(KIND_BYTES, file.bytes) });
  if (head.length === 0) {
    throw new SourceFault({
      code: 'FILE_EMPTY',
      detail: 'The file is empty. Upload one with at least one row.',
    });
  }
  if (COMPOUND_FILE_SIGNATURE.every((byte, i) => head[i] === byte)) {
    const isEncrypted = await hasEncryptedPackage(file, head);
    throw isEncrypted
      ? new SourceFault({ code: 'FILE_ENCRYPTED', detail: ENCRYPTED })
      : noWorkbook(OLD);
  }
  if (head[0] === 0x50 && head[1] === 0x4b) return;
  if (GZIP_SIGNATURE.every((byte, i) => head[i] === byte)) throw noWorkbook(GZIP);
  const kind = fileKindOf(head);
  throw noWorkbook(kind === 'old Office file' ? OLD : ((kind && ADVICE[kind]) ?? TEXT));
}

async function hasEncryptedPackage(file: RangedFile, head: Uint8Array): Promise<boolean> {
  if (head.length < 512) return false;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const sectorBytes = 2 ** Math.min(view.getUint16(SECTOR_SHIFT_AT, true), 12);
  const offset = (view.getUint32(DIRECTORY_AT, true) + 1) * sectorBytes;
  if (offset >= file.bytes) return false;
  const length = Math.min(DIRECTORY_BYTES, file.bytes - offset);
  const directory = Buffer.from(await file.read({ offset, length }));
  return directory.includes(Buffer.from('EncryptedPackage', 'utf16le'));
}

/** The fault of a ZIP that holds no workbook, by the names of its entries. */
export function otherZip(names: readonly string[]): SourceFault {
  const has = (name: RegExp) => names.some((each) => name.test(each));
  if (has(/^xl\/workbook\.bin$/i)) return noWorkbook(BINARY_WORKBOOK);
  const kind: FileKind | undefined = has(/^word\//i)
    ? 'Word document'
    : has(/^ppt\//i)
      ? 'PowerPoint presentation'
      : has(/^Index\/.*\.iwa$|^Index\.zip$/i)
        ? 'iWork file'
        : has(/^mimetype$/) && has(/^content\.xml$/)
          ? 'OpenDocument file'
          : undefined;
  return noWorkbook(
    (kind && ADVICE[kind]) ?? `This is a ZIP file, but there is no workbook in it. ${SAVE_AS}`,
  );
}
