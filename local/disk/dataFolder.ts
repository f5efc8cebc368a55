/** The folder that holds everything a local cloud keeps. */
import { readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { explained } from './diskFault.ts';
import { isOpenToOthers, makeFolder, shut } from './folders.ts';
import { takeLock } from './lockFile.ts';
import { readIfThere } from './readIfThere.ts';

export interface DataFolder {
  /** Absolute path of something inside. */
  path(name: string): string;
  /** The API key of this folder, which is made by `generate` once. */
  keptKey(generate: () => string): string;
  /** The text of a file; undefined when there is none. */
  read(name: string): string | undefined;
  /** Writes a file that this user alone can read, whole or not at all. */
  writePrivately(name: string, text: string): void;
  /** Tells other programs how to reach this local cloud: local.json, for this user alone. */
  announce(ready: ReadyFile): void;
  /** Withdraws local.json and lets another local cloud have the folder. */
  release(): void;
}

/** The content of local.json. */
export interface ReadyFile {
  readonly pid: number;
  readonly apiUrl: string;
  readonly websocketUrl: string;
  /** Of server-sent events. */
  readonly eventsUrl: string;
  readonly servicesUrl: string;
  readonly apiKey: string;
  readonly tableName: string;
  readonly bucketName: string;
}

/** Another local cloud has the folder. */
export class FolderInUse extends Error {
  override readonly name = 'FolderInUse';
}

/** What a local cloud keeps at the root of its folder, also while it is being written. */
const OWN =
  /^(lock|local\.json|api-key|aws\.env|usage\.json|credentials|logs|objects|secrets\.json|secrets\.key|table|workflow)\b/;

/**
 * Opens the folder, made if need be; it is for this user alone.
 * @param notify told what a person should know of the folder
 * @throws Error that says what to do: when another local cloud runs in it, or the disk does not let it
 */
export function openDataFolder(dir: string, notify: (text: string) => void): DataFolder {
  try {
    makeFolder(dir);
    keepOthersOut(dir, notify);
    return openFolder(dir);
  } catch (error) {
    const remedy = 'Choose a folder of yours: SHEAF_DATA_DIR=… npm start';
    throw explained(error, `The data folder ${dir} cannot be used`, remedy);
  }
}

/** Shuts a folder that was open to others, with what an earlier start has left in it. */
function keepOthersOut(dir: string, notify: (text: string) => void): void {
  if (!isOpenToOthers(dir)) return;
  const names = readdirSync(dir);
  const own = names.filter((name) => OWN.test(name));
  if (own.length === names.length) {
    shut(dir);
    notify(`The data folder ${dir} was open to other users of this machine. It is no longer.`);
    return;
  }
  for (const name of own) shut(join(dir, name));
  notify(
    `The data folder ${dir} is open to other users of this machine, and holds other things too: ` +
      'it is left so. What the local cloud keeps in it is for you alone.',
  );
}

function openFolder(dir: string): DataFolder {
  const path = (name: string) => join(dir, name);
  const lock = takeLock(path('lock'));
  if ('heldBy' in lock) {
    throw new FolderInUse(
      `Another local cloud (process ${lock.heldBy}) runs in ${dir}. Stop it, or give this one a ` +
        'folder and ports of its own: SHEAF_DATA_DIR=… HTTP_PORT=0 WS_PORT=0 SERVICES_PORT=0 npm start',
    );
  }
  // One that was killed could not withdraw it.
  rmSync(path('local.json'), { force: true });
  return {
    path,
    keptKey(generate) {
      const kept = readIfThere(path('api-key'))?.trim() ?? '';
      // A loss of power may leave the file without what was written to it.
      if (kept !== '') return kept;
      const key = generate();
      writePrivately(path('api-key'), `${key}\n`);
      return key;
    },
    read: (name) => readIfThere(path(name)),
    writePrivately: (name, text) => writePrivately(path(name), text),
    announce: (ready) => writePrivately(path('local.json'), `${JSON.stringify(ready, null, 2)}\n`),
    release() {
      rmSync(path('local.json'), { force: true });
      lock.release();
    },
  };
}

/** Readable by this user alone, and never half written; nothing stays behind when it fails. */
function writePrivately(path: string, text: string): void {
  try {
    // On the disk before it takes the place of what was there, whatever becomes of the machine.
    writeFileSync(`${path}.new`, text, { mode: 0o600, flush: true });
    renameSync(`${path}.new`, path);
  } catch (error) {
    rmSync(`${path}.new`, { force: true });
    throw error;
  }
}
