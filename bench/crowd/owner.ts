/** Another owner of a local cloud that is running. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Makes a key of the owner, as `npm run keys -- add` does. */
export async function addOwner(dataDir: string, owner: string): Promise<string> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['local/keys/keys.cjs', 'add', owner],
    { env: { ...process.env, SHEAF_DATA_DIR: dataDir } },
  );
  return stdout.trim();
}
