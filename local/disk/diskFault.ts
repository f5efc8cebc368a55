/** What a disk may refuse, in words for the person at this machine. */

export interface DiskFault {
  /** As the system calls it, such as ENOSPC. */
  readonly code: string;
  /** Goes on after "…: ". */
  readonly reason: string;
  /** Where it happened, if the system tells. */
  readonly path: string | undefined;
}

const NO_ROOM = ['ENOSPC', 'EDQUOT'];

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: "this user's part of the disk is used up",
  EROFS: 'the file system is mounted read-only',
  EACCES: 'this user may not',
  EPERM: 'this user may not',
  EIO: 'the disk fails',
  EMFILE: 'this process has too many files open',
  ENFILE: 'this machine has too many files open',
  ENOTSUP: 'no folder can be made there',
  ENOTDIR: 'a file is where a folder should be',
  EEXIST: 'a file is where a folder should be',
  EISDIR: 'a folder is where a file should be',
  ELOOP: 'its links lead in a circle',
  ENAMETOOLONG: 'the name is too long',
};

/** LevelDB has no codes for these, only the system's words. */
const WORDS: readonly (readonly [RegExp, string])[] = [
  [/No space left on device/, 'ENOSPC'],
  [/Disk quota exceeded/, 'EDQUOT'],
  [/Read-only file system/, 'EROFS'],
  [/Permission denied/, 'EACCES'],
  [/Input\/output error/, 'EIO'],
  [/Too many open files/, 'EMFILE'],
];

/** Causes of causes are looked at this deep. */
const DEPTH = 8;

/** The fault of a disk behind an error; undefined when the disk is not to blame. */
export function diskFault(error: unknown): DiskFault | undefined {
  for (let depth = 0; error instanceof Error && depth < DEPTH; depth++, error = error.cause) {
    const { code, path, message } = error as NodeJS.ErrnoException;
    const known = code !== undefined && Object.hasOwn(REASONS, code) ? code : inWords(message);
    const reason = known === undefined ? undefined : REASONS[known];
    if (known !== undefined && reason !== undefined) return { code: known, reason, path };
  }
  return undefined;
}

const inWords = (message: string) => WORDS.find(([words]) => words.test(message))?.[1];

/** Whether what failed may succeed once there is more room. */
export const isFull = ({ code }: DiskFault): boolean => NO_ROOM.includes(code);

/** The reason of a fault with its code, to stand after what could not be done. */
export const inShort = ({ reason, code }: DiskFault): string => `${reason} (${code})`;

/**
 * An error that says what could not be done, why, and what to do; one that is not the disk's stays as
 * it is.
 * @param what such as "The tables in /data cannot be written"
 * @param remedy what to do about it when it is not for lack of room
 */
export function explained(error: unknown, what: string, remedy: string): unknown {
  const fault = diskFault(error);
  if (!fault) return error;
  const advice = isFull(fault) ? 'Make room, then start again: nothing is lost.' : remedy;
  return new Error(`${what}: ${inShort(fault)}. ${advice}`, { cause: error });
}

/** An error as a person is told of it: what the system said is put into words. */
export function inPlainWords(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const fault = 'syscall' in error ? diskFault(error) : undefined;
  if (!fault) return error.message;
  return `${fault.path ?? 'A file'} cannot be used: ${inShort(fault)}.`;
}
