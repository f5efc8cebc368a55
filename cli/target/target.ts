/** Whom a command talks to: an API that is named, or the local cloud of this folder. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { API_BASE_PATH } from '../../shared/names.ts';
import type { SheafClient } from '../../client/client.ts';
import { ApiError, ConnectionFailed, UnexpectedAnswer } from '../../client/errors.ts';
import type { SharedOptions, World } from '../world.ts';
import { CliError, UsageError } from '../errors.ts';
import { createClient } from './client.ts';
import { findProfile, profilesPath } from './profiles.ts';
import { holdLocalCloud } from './sharedCloud.ts';

export interface Target {
  readonly client: SheafClient;
  /** With the base path. */
  readonly apiUrl: string;
  readonly apiKey: string;
  /** The data folder of the local cloud; undefined for an API that was named. */
  readonly dataDir: string | undefined;
  /** What a command line needs beside its own arguments to reach the same API. */
  readonly options: string;
  readonly release: () => void;
}

/** A named API has to say who it is within this time, in ms. */
const GREETING_MS = 10_000;

type Given = Pick<SharedOptions, 'endpoint' | 'profile' | 'keyFile'>;

/** Folder of the local cloud's state, as `npm start` has it. */
export const dataDirOf = ({ env, cwd }: Pick<World, 'env' | 'cwd'>): string =>
  resolve(cwd, env['SHEAF_DATA_DIR'] || '.sheaf');

/** Whether an API is named, by whatever: otherwise it is the local cloud. */
export const isNamed = ({ endpoint, profile }: Given, env: World['env']): boolean =>
  [endpoint, profile, env['SHEAF_PROFILE'], env['SHEAF_API_URL']].some(
    (name) => name !== undefined && name !== '',
  );

/**
 * Finds the API that a command is for.
 * @param note told what takes long, or what a person should know
 * @throws CliError, UsageError
 */
export async function findTarget(
  given: Given,
  world: Pick<World, 'env' | 'cwd'>,
  signal: AbortSignal,
  note: (text: string) => void,
): Promise<Target> {
  const named = await namedApi(given, world);
  if (named) {
    if (named.isOpen) {
      note(`The key goes to ${named.apiUrl} unencrypted: use an address with https.`);
    }
    const client = createClient(named);
    await greet(client, signal);
    return { ...named, client, dataDir: undefined, release: () => undefined };
  }
  const dataDir = dataDirOf(world);
  const { apiUrl, apiKey, release } = await holdLocalCloud(dataDir, signal, () =>
    note('Starting the local cloud …'),
  );
  return {
    client: createClient({ apiUrl, apiKey }),
    apiUrl,
    apiKey,
    dataDir,
    options: '',
    release,
  };
}

/** Address and key, where an address is given by an option, the environment or a profile. */
async function namedApi(
  { endpoint, profile, keyFile }: Given,
  { env, cwd }: Pick<World, 'env' | 'cwd'>,
) {
  const profileName = profile ?? (endpoint === undefined ? env['SHEAF_PROFILE'] : undefined);
  const isByProfile = profileName !== undefined && profileName !== '';
  if (endpoint !== undefined && isByProfile) {
    throw new UsageError('--endpoint and --profile both say whom to talk to. Leave one out.');
  }
  const found = isByProfile ? await findProfile(profilesPath(env), profileName) : undefined;
  const address = endpoint ?? found?.endpoint ?? (env['SHEAF_API_URL'] || undefined);
  if (address === undefined) {
    if (keyFile === undefined) return undefined;
    throw new UsageError(
      '--key-file is for an API that is named. Add --endpoint, or leave it out.',
    );
  }
  const { url: apiUrl, isOpen } = readEndpoint(address);
  const apiKey = await keyFor(
    keyFile === undefined ? undefined : resolve(cwd, keyFile),
    env,
    found,
  );
  // What the environment says, it says to the next command, too.
  const options =
    profile !== undefined
      ? ` --profile ${profile}`
      : endpoint !== undefined
        ? ` --endpoint ${endpoint}`
        : '';
  return { apiUrl, apiKey, isOpen, options };
}

/**
 * An address as people give it: with the base path or without it.
 * @throws UsageError
 */
export function readEndpoint(text: string): { url: string; isOpen: boolean } {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new UsageError(
      `--endpoint ${JSON.stringify(text)} is no address. Give one such as https://abc123.execute-api.eu-central-1.amazonaws.com.`,
    );
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new UsageError('--endpoint takes an address alone: no user, no ?, no #.');
  }
  const path = url.pathname.replace(/\/+$/, '');
  const isLoopback = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
  return {
    url: `${url.origin}${path === '' ? API_BASE_PATH : path}`,
    isOpen: url.protocol === 'http:' && !isLoopback,
  };
}

async function keyFor(
  keyFile: string | undefined,
  env: World['env'],
  profile: { readonly apiKey: string } | undefined,
): Promise<string> {
  const key =
    keyFile === undefined
      ? (profile?.apiKey ?? env['SHEAF_API_KEY'])
      : (await readFile(keyFile, 'utf8')).trim();
  if (key === undefined || key === '') {
    throw new UsageError(
      'There is no API key. Set SHEAF_API_KEY, name a file with --key-file, or use a profile.',
    );
  }
  // What an Authorization header can carry.
  if (/^[\x21-\x7e]{1,500}$/.test(key)) return key;
  throw new UsageError(
    'The API key has characters that no key has. Look whether all of it is there.',
  );
}

/** @throws CliError when nobody answers in time, or somebody else */
async function greet(client: SheafClient, signal: AbortSignal): Promise<void> {
  const { apiUrl } = client;
  const time = AbortSignal.timeout(GREETING_MS);
  try {
    await client.getHealth({}, { signal: AbortSignal.any([signal, time]) });
  } catch (error) {
    signal.throwIfAborted();
    if (time.aborted) {
      throw new CliError(
        `${apiUrl} did not answer within ${GREETING_MS / 1000} s. Check the address, your network, and whether it runs.`,
      );
    }
    if (error instanceof ConnectionFailed) throw error;
    if (error instanceof UnexpectedAnswer || (error instanceof ApiError && error.status < 500)) {
      throw new CliError(
        `What answers at ${apiUrl} is not Sheaf, or another version of it. Check the address.`,
      );
    }
    throw error;
  }
}
