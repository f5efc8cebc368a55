/** Where entries of an archive go: inside of a folder, whatever their names say and whatever is there. */
import { lstat, mkdir, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { foldName } from '../../shared/rendering/safeNames.ts';
import { CliError } from '../errors.ts';

/** Names that lead out of a folder, by whatever system's rules, or are two ways to write one. */
const UNSAFE = /^[/\\]|^[a-z]:|\\|(^|\/)\.\.?(\/|$)|\0|^$|\/\//i;
/** What Windows takes for something else (Microsoft, "Naming Files, Paths, and Namespaces"). */
const NOT_FOR_WINDOWS =
  /[<>:"|?*\p{Cc}]|[. ](\/|$)|(^|\/)(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])\s*(\.|\/|$)/iu;

/**
 * Looks at all names before anything is written.
 * @returns names that some disks take for one with another of them, folded
 * @throws CliError for one that is not to be written, or is there twice
 */
export function checkNames(
  names: Iterable<string>,
  platform: NodeJS.Platform = process.platform,
): ReadonlySet<string> {
  const seen = new Map<string, string[]>();
  for (const name of names) {
    const shown = JSON.stringify(name);
    if (UNSAFE.test(name)) {
      throw new CliError(
        `The archive holds ${shown}, which would be written outside of the folder. Nothing was unpacked.`,
      );
    }
    if (platform === 'win32' && NOT_FOR_WINDOWS.test(name)) {
      throw new CliError(
        `The archive holds ${shown}, a name that Windows does not have. Nothing was unpacked.`,
      );
    }
    const folded = foldName(name);
    const others = seen.get(folded);
    if (others?.includes(name) === true) {
      throw new CliError(`The archive holds ${shown} twice. Nothing was unpacked.`);
    }
    if (others) others.push(name);
    else seen.set(folded, [name]);
  }
  return new Set([...seen].filter(([, { length }]) => length > 1).map(([folded]) => folded));
}

/**
 * Finds the places of names that were checked, with their folders made.
 * @param folder which is there
 */
export async function createPlaces(folder: string): Promise<(name: string) => Promise<string>> {
  const root = await realpath(folder);
  const known = new Set([root]);
  async function make(path: string): Promise<void> {
    if (known.has(path)) return;
    await make(dirname(path));
    await mkdir(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
    const found = await lstat(path);
    if (found.isSymbolicLink()) {
      throw new CliError(
        `${path} is a link to another folder. Remove it, or name another folder: nothing is written there.`,
      );
    }
    if (!found.isDirectory()) {
      throw new CliError(
        `${path} is a file, and the archive has a folder of that name. Move it, or name another folder.`,
      );
    }
    known.add(path);
  }
  return async (name) => {
    const place = join(root, name);
    await make(dirname(place));
    return place;
  };
}
