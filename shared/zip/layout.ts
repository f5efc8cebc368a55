/**
 * The records of a ZIP file, little-endian (PKWARE APPNOTE.TXT 6.3.10; sections named below), for all
 * that read or write one: archives, documents, and files that are uploaded.
 */

/** Local file header (4.3.7), without name and extra field. */
export const LOCAL_HEADER = { signature: 0x04034b50, bytes: 30 } as const;
/** Central directory header (4.3.12), without name, extra field and comment. */
export const DIRECTORY_RECORD = { signature: 0x02014b50, bytes: 46 } as const;
/** End of central directory record (4.3.16), without comment. */
export const END_RECORD = { signature: 0x06054b50, bytes: 22, maxCommentBytes: 0xffff } as const;
/** ZIP64 end of central directory record (4.3.14) and its locator (4.3.15). */
export const ZIP64_END_RECORD = { signature: 0x06064b50, bytes: 56 } as const;
export const ZIP64_END_LOCATOR = { signature: 0x07064b50, bytes: 20 } as const;

/** Of the ZIP64 end record: what the end record has no room for; of the locator: where that record is. */
export const ZIP64_FIELD = { entries: 32, directoryBytes: 40, directoryOffset: 48 } as const;
export const ZIP64_LOCATOR_OFFSET = 8;

/** Where the fields begin that header and directory record have alike. */
export const COMMON_FIELDS_AT = { header: 4, record: 6 } as const;
/** Of each of them, from there on. */
export const COMMON_FIELD = {
  version: 0,
  flags: 2,
  method: 4,
  time: 6,
  date: 8,
  crc32: 10,
  compressedSize: 14,
  size: 18,
  nameBytes: 22,
  extraBytes: 24,
} as const;
/** The fields that a directory record has by itself. */
export const RECORD_FIELD = {
  madeBy: 4,
  commentBytes: 32,
  disk: 34,
  attributes: 36,
  mode: 38,
  offset: 42,
} as const;
/** Of the end record: how many entries this disk and all have, the directory's size and place, and the comment's length. */
export const END_FIELD = {
  diskEntries: 8,
  entries: 10,
  directoryBytes: 12,
  directoryOffset: 16,
  commentBytes: 20,
} as const;

/** Data descriptor (4.3.9), with its signature: what stands behind content whose sizes were not known before. */
export const DATA_DESCRIPTOR = { signature: 0x08074b50, bytes: 16 } as const;

/** General purpose bits (4.4.4): the entry is encrypted; its sizes stand behind it; the name is UTF-8. */
export const FLAG_ENCRYPTED = 1 << 0;
export const FLAG_SIZES_BEHIND = 1 << 3;
export const FLAG_UTF8_NAME = 1 << 11;
/** Compression methods (4.4.5). */
export const METHOD_STORED = 0;
export const METHOD_DEFLATE = 8;
/** 1980-01-01 00:00, the earliest time of a ZIP (4.4.6): the same files give the same bytes. */
export const EARLIEST_TIME = 0;
export const EARLIEST_DATE = (1 << 5) | 1;

/** In a 16 or 32 bit field: "see the ZIP64 record" (4.4.1.4). */
export const SEE_ZIP64_16 = 0xffff;
export const SEE_ZIP64_32 = 0xffffffff;
/** Id of the extra field with the numbers that need 64 bits (4.5.3). */
export const ZIP64_EXTRA = 0x0001;
