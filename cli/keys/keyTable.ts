/** API keys and what owners may have, as the table of a cloud keeps them. */
import { randomBytes } from 'node:crypto';
import type * as z from 'zod';
import { hashSecret } from '../../shared/access/secrets.ts';
import type { ApiKeyItemSchema } from '../../shared/schemas/items.ts';
import type { OwnerLimitsSchema } from '../../shared/schemas/quota.ts';
import { CliError } from '../errors.ts';

export type ApiKeyItem = z.output<typeof ApiKeyItemSchema>;

export type OwnerLimits = z.output<typeof OwnerLimitsSchema> & {
  /** Documents that were made by tasks that are not at work. */
  readonly used: number;
};

/** What changes; null lifts a limit. */
export interface LimitChange {
  readonly taskLimit?: number;
  readonly documentBudget?: number | null;
}

/** The table. Each call throws CliError when it cannot be reached, or does not allow it. */
export interface KeyTable {
  /** Keeps a key that nobody has. */
  add(item: ApiKeyItem): Promise<void>;
  all(): Promise<ApiKeyItem[]>;
  remove(keyHash: string): Promise<void>;
  limits(ownerId: string): Promise<OwnerLimits>;
  change(ownerId: string, change: LimitChange): Promise<void>;
}

/** The development key of a local cloud; it would be made again by the next start. */
export const DEVELOPMENT = 'development';
/** 256 bits: a key that nobody guesses needs no slow hash. */
const KEY_BYTES = 32;
/** Digits of a hash by which people tell keys apart. */
const ID_DIGITS = 12;

export const keyIdOf = ({ keyHash }: Pick<ApiKeyItem, 'keyHash'>): string =>
  keyHash.slice(0, ID_DIGITS);

/**
 * Gives an owner one more key.
 * @param prefix by which people know whose keys they are
 * @returns the key, which nobody can tell again, and what is kept
 */
export async function createKey(
  table: KeyTable,
  owner: { readonly ownerId: string; readonly name: string },
  prefix: string,
): Promise<{ apiKey: string; item: ApiKeyItem }> {
  const apiKey = prefix + randomBytes(KEY_BYTES).toString('base64url');
  const item = { ...owner, keyHash: hashSecret(apiKey), createdAt: Date.now() };
  await table.add(item);
  return { apiKey, item };
}

/** All keys, the oldest of an owner first. */
export async function listKeys(table: KeyTable): Promise<ApiKeyItem[]> {
  const keys = await table.all();
  return keys.sort((a, b) => a.ownerId.localeCompare(b.ownerId) || a.createdAt - b.createdAt);
}

/**
 * Keys of an owner that can be revoked: all, or the one of an id.
 * @throws CliError when there is none
 */
export async function revocableKeys(
  table: KeyTable,
  ownerId: string,
  id: string | undefined,
): Promise<ApiKeyItem[]> {
  const found = (await listKeys(table)).filter(
    (key) =>
      key.ownerId === ownerId &&
      key.name !== DEVELOPMENT &&
      (id === undefined || keyIdOf(key) === id),
  );
  if (found.length > 0) return found;
  throw new CliError(`There is no such key of ${ownerId} to revoke: sheaf keys list shows all.`);
}
