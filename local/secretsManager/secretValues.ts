/**
 * The secrets: those of the template, whose values are made once, and those that functions make. They lie in a
 * file, each value sealed with a key that lies in another.
 */
import { randomInt, randomUUID } from 'node:crypto';
import { z } from 'zod';
import { nameOf, type SecretDefinition, withoutTail } from './secretProperties.ts';
import { createSeal, newKey, type Seal } from './seal.ts';

const SealedSchema = z.object({
  /** Of one that a function made; the template names its own. */
  name: z.string().optional(),
  sealed: z.string().min(1),
  versionId: z.string(),
  /** Seconds since 1970. */
  createdAt: z.number(),
});
/** As they lay there before they were sealed. */
const OpenSchema = SealedSchema.omit({ sealed: true, name: true }).extend({
  value: z.string().min(1),
});
const FileSchema = z.record(z.string(), z.union([SealedSchema, OpenSchema]));

export interface Secret {
  readonly arn: string;
  readonly name: string;
  readonly value: string;
  /** Of its one version: the ClientRequestToken that it came with. */
  readonly versionId: string;
  /** Seconds since 1970. */
  readonly createdAt: number;
}

export interface SecretValues {
  /** @param id the name; or the ARN, with or without the six characters that were put behind the name */
  find(id: string): Secret | undefined;
  /** Stores one, new or with another value; it is on the disk when this returns. */
  store(secret: Secret): void;
  /** Deletes one for good. */
  remove(secret: Secret): void;
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** So many letters and digits. */
export const randomLetters = (count: number): string =>
  Array.from({ length: count }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');

/** Seconds since 1970, as answers have them. */
export const nowInSeconds = (): number => Math.floor(Date.now() / 1000);

const generate = ({ characters }: SecretDefinition) => ({
  value: randomLetters(characters),
  versionId: randomUUID(),
  createdAt: nowInSeconds(),
});

export interface SecretsFile {
  /** The text of the file; undefined when there is none. */
  read(): string | undefined;
  write(text: string): void;
}

/** Where the secrets lie, and the key that they are sealed with. */
export interface SecretsFiles {
  readonly values: SecretsFile;
  readonly key: SecretsFile;
}

/**
 * Opens the secrets. One that is new to the template gets a value.
 * @throws Error for files that are none of ours: other values would break every signature made before
 */
export function openSecretValues(
  definitions: readonly SecretDefinition[],
  files: SecretsFiles,
): SecretValues {
  const kept = parse(files.values.read());
  const seal = openSeal(kept, files.key);
  const secrets = new Map<string, Secret>();
  for (const [arn, { versionId, createdAt, ...rest }] of Object.entries(kept)) {
    const name = ('name' in rest ? rest.name : undefined) ?? nameOf(arn);
    const value = 'value' in rest ? rest.value : opened(seal, rest.sealed, arn);
    secrets.set(arn, { arn, name, value, versionId, createdAt });
  }
  const isOld = Object.values(kept).some((entry) => 'value' in entry);
  const missing = definitions.filter(({ arn }) => !secrets.has(arn));
  for (const definition of missing) {
    const { arn, name } = definition;
    secrets.set(arn, { arn, name, ...generate(definition) });
  }
  const save = (all: ReadonlyMap<string, Secret>) => {
    const entries = [...all].map(([arn, { name, value, versionId, createdAt }]) => [
      arn,
      { name, sealed: seal.close(value, arn), versionId, createdAt },
    ]);
    files.values.write(`${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`);
  };
  if (isOld || missing.length > 0) save(secrets);

  return {
    find: (id) =>
      secrets.get(id) ??
      [...secrets.values()].find(({ arn, name }) => name === id || withoutTail(arn) === id),
    store(secret) {
      save(new Map(secrets).set(secret.arn, secret));
      secrets.set(secret.arn, secret);
    },
    remove({ arn }) {
      save(new Map([...secrets].filter(([other]) => other !== arn)));
      secrets.delete(arn);
    },
  };
}

const unreadable = (which: string, cause?: unknown) =>
  new Error(
    `The secrets in the data folder (secrets.json, and their key, secrets.key) cannot be read: ${which}. Put both files back as they were; or remove both, give new webhook secrets to all receivers, and make connections with secret headers anew.`,
    { cause },
  );

/** The key there is; a new one where nothing is sealed yet. */
function openSeal(kept: z.infer<typeof FileSchema>, file: SecretsFile): Seal {
  const text = file.read()?.trim() ?? '';
  if (text === '') {
    if (Object.values(kept).some((entry) => 'sealed' in entry)) throw unreadable('the key is gone');
    const key = newKey();
    file.write(`${key}\n`);
    return createSeal(key);
  }
  try {
    return createSeal(text);
  } catch (cause) {
    throw unreadable('the key is none', cause);
  }
}

function opened(seal: Seal, sealed: string, arn: string): string {
  try {
    return seal.open(sealed, arn);
  } catch (cause) {
    throw unreadable('they were sealed with another key, or changed', cause);
  }
}

function parse(text: string | undefined): z.infer<typeof FileSchema> {
  if (text === undefined || text.trim() === '') return {};
  try {
    return FileSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw unreadable('the file is none of ours', cause);
  }
}
