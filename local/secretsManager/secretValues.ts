/** The values of the template's secrets: made once, and kept in a file for this user alone. */
import { randomInt, randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { SecretDefinition } from './secretProperties.ts';

const ValueSchema = z.object({
  value: z.string().min(1),
  versionId: z.string(),
  /** Seconds since 1970. */
  createdAt: z.number(),
});
const FileSchema = z.record(z.string(), ValueSchema);

export type SecretValue = z.infer<typeof ValueSchema>;
export type SecretValues = ReadonlyMap<string, SecretDefinition & SecretValue>;

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

const generate = ({ characters }: SecretDefinition): SecretValue => ({
  value: Array.from({ length: characters }, () => ALPHABET[randomInt(ALPHABET.length)]).join(''),
  versionId: randomUUID(),
  createdAt: Math.floor(Date.now() / 1000),
});

export interface SecretsFile {
  /** The text of the file; undefined when there is none. */
  read(): string | undefined;
  write(text: string): void;
}

/**
 * The values by ARN. A secret that is new to the template gets one.
 * @throws Error for a file that is none of ours: other values would break every signature made before
 */
export function openSecretValues(
  definitions: readonly SecretDefinition[],
  file: SecretsFile,
): SecretValues {
  const kept = parse(file.read());
  const values = definitions.map((definition) => ({
    ...definition,
    ...(kept[definition.arn] ?? generate(definition)),
  }));
  if (values.some(({ arn }) => kept[arn] === undefined)) {
    const all = values.map(({ arn, value, versionId, createdAt }) => [
      arn,
      { value, versionId, createdAt },
    ]);
    file.write(`${JSON.stringify({ ...kept, ...Object.fromEntries(all) }, null, 2)}\n`);
  }
  return new Map(values.map((secret) => [secret.arn, secret]));
}

function parse(text: string | undefined): z.infer<typeof FileSchema> {
  if (text === undefined || text.trim() === '') return {};
  try {
    return FileSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new Error(
      'The secrets in the data folder (secrets.json) cannot be read. Put the file back as it was; or remove it, and give new webhook secrets to all receivers.',
      { cause },
    );
  }
}
