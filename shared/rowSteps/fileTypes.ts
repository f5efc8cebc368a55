/**
 * Kinds of files that services give: by the ending that a name asks for, the media type that an answer tells, and how
 * the bytes begin. A page that says "error" under the name of a picture is found out.
 */

interface FileType {
  readonly extension: string;
  readonly mediaTypes: readonly string[];
  /** How every file of it begins, from `at` on; absent where files begin anyhow. */
  readonly begins?: { readonly at: number; readonly bytes: readonly string[] };
}

const ZIP = { at: 0, bytes: ['504b0304'] };

/** Registered media types (IANA), and those that are common besides; signatures by the formats' specifications. */
const TYPES: readonly FileType[] = [
  { extension: '.png', mediaTypes: ['image/png'], begins: { at: 0, bytes: ['89504e470d0a1a0a'] } },
  {
    extension: '.jpg',
    mediaTypes: ['image/jpeg', 'image/jpg'],
    begins: { at: 0, bytes: ['ffd8ff'] },
  },
  { extension: '.gif', mediaTypes: ['image/gif'], begins: { at: 0, bytes: ['47494638'] } },
  { extension: '.webp', mediaTypes: ['image/webp'], begins: { at: 8, bytes: ['57454250'] } },
  { extension: '.svg', mediaTypes: ['image/svg+xml'] },
  { extension: '.pdf', mediaTypes: ['application/pdf'], begins: { at: 0, bytes: ['25504446'] } },
  {
    extension: '.mp3',
    mediaTypes: ['audio/mpeg', 'audio/mp3'],
    begins: { at: 0, bytes: ['494433', 'fffb', 'fff3', 'fff2'] },
  },
  {
    extension: '.wav',
    mediaTypes: ['audio/wav', 'audio/x-wav', 'audio/wave'],
    begins: { at: 8, bytes: ['57415645'] },
  },
  {
    extension: '.ogg',
    mediaTypes: ['audio/ogg', 'application/ogg'],
    begins: { at: 0, bytes: ['4f676753'] },
  },
  { extension: '.mp4', mediaTypes: ['video/mp4'], begins: { at: 4, bytes: ['66747970'] } },
  {
    extension: '.docx',
    mediaTypes: ['application/vnd.openxmlformats-officedocument.wordprocessingml.document'],
    begins: ZIP,
  },
  {
    extension: '.xlsx',
    mediaTypes: ['application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'],
    begins: ZIP,
  },
  {
    extension: '.pptx',
    mediaTypes: ['application/vnd.openxmlformats-officedocument.presentationml.presentation'],
    begins: ZIP,
  },
  {
    extension: '.zip',
    mediaTypes: ['application/zip', 'application/x-zip-compressed'],
    begins: ZIP,
  },
  { extension: '.json', mediaTypes: ['application/json'] },
  { extension: '.csv', mediaTypes: ['text/csv'] },
  { extension: '.html', mediaTypes: ['text/html'] },
  { extension: '.md', mediaTypes: ['text/markdown'] },
  { extension: '.txt', mediaTypes: ['text/plain'] },
];

/** Other ways to write an ending. */
const ALSO: ReadonlyMap<string, string> = new Map([
  ['.jpeg', '.jpg'],
  ['.htm', '.html'],
]);

/** What a file is called whose kind nobody tells. */
const UNKNOWN = '.bin';

const NAMED_ENDING = /\.[A-Za-z0-9]{1,5}$/;

/** A pattern of names without its ending, and the ending, in lower case; undefined where it has none. */
export function splitEnding(pattern: string): { stem: string; extension: string | undefined } {
  const found = NAMED_ENDING.exec(pattern)?.[0];
  if (found === undefined) return { stem: pattern, extension: undefined };
  return { stem: pattern.slice(0, -found.length), extension: found.toLowerCase() };
}

const typeOf = (extension: string) => {
  const usual = ALSO.get(extension) ?? extension;
  return TYPES.find((type) => type.extension === usual);
};

function fits({ begins }: FileType, bytes: Uint8Array): boolean {
  if (!begins) return true;
  const length = Math.max(...begins.bytes.map((each) => each.length / 2));
  const start = Buffer.from(bytes.subarray(begins.at, begins.at + length)).toString('hex');
  return begins.bytes.some((each) => start.startsWith(each));
}

/**
 * The ending of a file's name.
 * @param wanted the ending that the name is to have, if it says
 * @param mediaType as the answer tells it, without parameters
 * @returns or why the file is not what it is called, as a sentence without its point
 */
export function endingOf(
  bytes: Uint8Array,
  wanted: string | undefined,
  mediaType: string | undefined,
): { readonly extension: string } | { readonly wrong: string } {
  const told = TYPES.find(({ mediaTypes }) => mediaTypes.includes(mediaType ?? ''));
  if (wanted !== undefined) {
    const type = typeOf(wanted);
    if (!type) return { extension: wanted };
    const isOther = type.begins ? !fits(type, bytes) : told !== undefined && told !== type;
    return isOther
      ? {
          wrong: `The file that came is no ${wanted.slice(1)}${told ? `: the service says ${mediaType}` : ''}`,
        }
      : { extension: wanted };
  }
  const seen = TYPES.find((type) => type.begins && type.begins !== ZIP && fits(type, bytes));
  if (told && fits(told, bytes)) return { extension: told.extension };
  if (told) return { wrong: `The service says ${mediaType}, and the file that came is none` };
  return { extension: seen?.extension ?? UNKNOWN };
}
