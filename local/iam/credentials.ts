/** Access keys of the local cloud: one for each role of the template, and for the cloud itself. */
import { createHmac, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { explained } from '../disk/diskFault.ts';
import { makeFolder } from '../disk/folders.ts';
import type { Credentials } from './signing.ts';

const MASTER_BYTES = 32;

export interface CredentialsRegistry {
  /**
   * The access key of a principal, known from now on. The id is the principal's name (a role's logical
   * id); its secret stays the same over restarts, so that presigned links do too.
   */
  issue(principal: string): Credentials;
  /** The secret of an access key that was issued; otherwise undefined. */
  secretOf(accessKeyId: string): string | undefined;
}

/** @param dir where the master secret is kept, readable by this user alone */
export function createCredentialsRegistry(dir: string): CredentialsRegistry {
  const master = masterSecret(dir);
  const issued = new Map<string, string>();
  return {
    issue(principal) {
      const secretAccessKey = createHmac('sha256', master).update(principal).digest('hex');
      issued.set(principal, secretAccessKey);
      return { accessKeyId: principal, secretAccessKey };
    },
    secretOf: (accessKeyId) => issued.get(accessKeyId),
  };
}

function masterSecret(dir: string): Buffer {
  const path = join(dir, 'credentials.key');
  try {
    if (!existsSync(path)) {
      makeFolder(dir);
      writeFileSync(`${path}.new`, randomBytes(MASTER_BYTES), { mode: 0o600 });
      // By renaming, so that a start that was killed never leaves half a secret.
      renameSync(`${path}.new`, path);
    }
    return readFileSync(path);
  } catch (error) {
    const remedy = 'Give this user the data folder with all that is in it.';
    throw explained(error, `The secret of the access keys, ${path}, cannot be used`, remedy);
  }
}
