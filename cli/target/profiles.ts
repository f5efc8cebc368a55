/** Addresses and keys of deployed stacks, by names that people give them: a file of this user alone. */
import { mkdir, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { CliError, UsageError } from '../errors.ts';
import { replaceFile } from '../files/replaceFile.ts';

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

const ProfileSchema = z.strictObject({ endpoint: z.url(), apiKey: z.string().min(1) });
export type Profile = z.infer<typeof ProfileSchema>;
const ProfilesSchema = z.record(z.string().regex(NAME), ProfileSchema);
export type Profiles = z.infer<typeof ProfilesSchema>;

type Env = Readonly<Record<string, string | undefined>>;

/** Where programs keep what is set for a user. */
export function profilesPath(env: Env, platform: NodeJS.Platform = process.platform): string {
  const home = env['HOME'] ?? env['USERPROFILE'] ?? homedir();
  const folder =
    platform === 'win32'
      ? (env['APPDATA'] ?? join(home, 'AppData', 'Roaming'))
      : (env['XDG_CONFIG_HOME'] ?? join(home, '.config'));
  return join(folder, 'sheaf', 'profiles.json');
}

/**
 * All profiles; none where there is no file.
 * @throws CliError for a file that is none of ours
 */
export async function readProfiles(path: string): Promise<Profiles> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
  const parsed = ProfilesSchema.safeParse(jsonOf(text));
  if (parsed.success) return parsed.data;
  throw new CliError(
    `${path} is not a file of profiles. Remove it, and add them anew: sheaf profile add.`,
  );
}

/** Writes them whole, for this user alone. */
export async function writeProfiles(path: string, profiles: Profiles): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await replaceFile(path, `${JSON.stringify(profiles, null, 2)}\n`, 0o600);
}

/** @throws UsageError for a name that is not to be used */
export function requireProfileName(name: string): string {
  if (NAME.test(name)) return name;
  throw new UsageError(
    `A profile cannot be called ${JSON.stringify(name)}: take letters, digits, ".", "_" and "-".`,
  );
}

/** @throws UsageError that names those there are */
export async function findProfile(path: string, name: string): Promise<Profile> {
  const profiles = await readProfiles(path);
  const found = Object.hasOwn(profiles, name) ? profiles[name] : undefined;
  if (found) return found;
  const names = Object.keys(profiles);
  const known = names.length === 0 ? 'There is none yet' : `There are ${names.join(', ')}`;
  throw new UsageError(
    `There is no profile ${JSON.stringify(name)}. ${known}: sheaf profile add makes one.`,
  );
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
