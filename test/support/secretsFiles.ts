/** Files of the local Secrets Manager, without a disk. */
import type { SecretsFiles } from '../../local/secretsManager/secretValues.ts';

const fileOf = (text: string | undefined) => {
  const file = {
    text,
    read: () => file.text,
    write: (written: string) => void (file.text = written),
  };
  return file;
};

/** @param values the text of secrets.json; @param key that of secrets.key */
export const secretsInMemory = (values?: string, key?: string) =>
  ({ values: fileOf(values), key: fileOf(key) }) satisfies SecretsFiles;
