/** Another owner of a local cloud that is running. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Makes a key of the owner, as `sheaf keys create` does. */
export async function addOwner(dataDir: string, owner: string): Promise<string> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['cli/start.cjs', 'keys', 'create', owner],
    { env: { ...process.env, SHEAF_DATA_DIR: dataDir } },
  );
  return stdout.trim();
}
