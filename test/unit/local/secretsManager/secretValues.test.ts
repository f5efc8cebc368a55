/** Secrets on the disk of the local cloud: sealed, durable, and never made anew over what cannot be read. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openDataFolder } from '../../../../local/disk/dataFolder.ts';
import { createSeal, newKey } from '../../../../local/secretsManager/seal.ts';
import { secretDefinition } from '../../../../local/secretsManager/secretProperties.ts';
import { openSecretValues } from '../../../../local/secretsManager/secretValues.ts';
import { secretsInMemory } from '../../../support/secretsFiles.ts';

const ARN = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:Sheaf-Master-a1b2c3';
const OTHER = ARN.replace('Master-a1b2c3', 'Other-d4e5f6');
const GENERATE = { PasswordLength: 64, ExcludePunctuation: true };
const resource = (properties: Record<string, unknown>) => ({
  logicalId: 'Master',
  type: 'AWS::SecretsManager::Secret',
  ref: ARN,
  arn: undefined,
  properties,
});
const DEFINITION = secretDefinition(resource({ GenerateSecretString: GENERATE }));

const MARKER = 'sk-marker-4711';
const MADE = {
  arn: `${ARN.replace('Sheaf-Master', 'Sheaf/connections/conn_1/X')}`,
  name: 'Sheaf/connections/conn_1/X',
  value: MARKER,
  versionId: 'version-1',
  createdAt: 1_764_144_000,
};

describe('the secrets of the local cloud', () => {
  it('stay the same over restarts, in files of their user, sealed', () => {
    const folder = mkdtempSync(join(tmpdir(), 'sheaf-secrets-'));
    const data = openDataFolder(folder, () => undefined);
    const file = (name: string) => ({
      read: () => data.read(name),
      write: (text: string) => data.writePrivately(name, text),
    });
    const files = { values: file('secrets.json'), key: file('secrets.key') };
    const first = openSecretValues([DEFINITION], files);
    first.store(MADE);
    const key = data.read('secrets.key');
    const second = openSecretValues([DEFINITION], files);
    const master = second.find(ARN);
    expect(master?.value).toMatch(/^[A-Za-z0-9]{64}$/);
    expect(master).toEqual(first.find(ARN));
    expect(second.find(MADE.arn)).toEqual(MADE);
    expect(data.read('secrets.key')).toBe(key);
    for (const name of readdirSync(folder)) {
      const path = join(folder, name);
      expect([name, statSync(path).mode & 0o777]).toEqual([name, 0o600]);
      const text = readFileSync(path, 'utf8');
      for (const value of [master?.value ?? '', MARKER]) {
        expect(text).not.toContain(value);
        expect(text).not.toContain(Buffer.from(value).toString('base64').slice(0, 12));
      }
    }
    data.release();
    rmSync(folder, { recursive: true });
  });

  it('are found by name, by ARN, and by an ARN without its tail, and by nothing else', () => {
    const secrets = openSecretValues([DEFINITION], secretsInMemory());
    secrets.store(MADE);
    for (const id of [MADE.name, MADE.arn, MADE.arn.slice(0, -7)]) {
      expect(secrets.find(id)).toEqual(MADE);
    }
    for (const id of ['', 'Sheaf', MADE.name.slice(0, -1), MADE.arn.slice(0, -1), `${MADE.arn}x`]) {
      expect(secrets.find(id)).toBeUndefined();
    }
  });

  it('are gone when they are removed, and after a restart, too', () => {
    const files = secretsInMemory();
    const secrets = openSecretValues([DEFINITION], files);
    secrets.store(MADE);
    secrets.remove(MADE);
    for (const opened of [secrets, openSecretValues([DEFINITION], files)]) {
      expect(opened.find(MADE.arn)).toBeUndefined();
      expect(opened.find(ARN)).toBeDefined();
    }
    expect(files.values.text).not.toContain(MADE.arn);
  });

  it('are as they were when the disk does not take a change', () => {
    const files = secretsInMemory();
    const secrets = openSecretValues([DEFINITION], files);
    secrets.store(MADE);
    files.values.write = () => {
      throw new Error('ENOSPC');
    };
    expect(() => secrets.store({ ...MADE, value: 'other' })).toThrow('ENOSPC');
    expect(() => secrets.remove(MADE)).toThrow('ENOSPC');
    expect(secrets.find(MADE.arn)).toEqual(MADE);
  });

  it('are made for those that are new to the template, beside those that there are', () => {
    const files = secretsInMemory();
    const before = openSecretValues([DEFINITION], files).find(ARN)?.value;
    const after = openSecretValues([DEFINITION, { ...DEFINITION, arn: OTHER, name: 'O' }], files);
    expect(after.find(ARN)?.value).toBe(before);
    expect(after.find(OTHER)?.value).toHaveLength(64);
    expect(after.find(OTHER)?.value).not.toBe(before);
  });

  it('that lay open in an older folder are sealed at the next start, and stay the same', () => {
    const old = { [ARN]: { value: 'v'.repeat(64), versionId: 'a', createdAt: 7 } };
    const files = secretsInMemory(JSON.stringify(old));
    expect(openSecretValues([DEFINITION], files).find(ARN)).toMatchObject({
      value: 'v'.repeat(64),
      name: 'Sheaf-Master',
      versionId: 'a',
      createdAt: 7,
    });
    expect(files.values.text).not.toContain('vvvv');
    expect(openSecretValues([DEFINITION], files).find(ARN)?.value).toBe('v'.repeat(64));
  });

  it('cannot be read without their key, nor with another, nor in each other’s place', () => {
    const files = secretsInMemory();
    const secrets = openSecretValues([DEFINITION], files);
    secrets.store(MADE);
    const { text = '' } = files.values;
    const reopened = (values: string, key?: string) => () =>
      openSecretValues([DEFINITION], secretsInMemory(values, key));
    expect(reopened(text)).toThrow(/the key is gone/);
    expect(reopened(text, '')).toThrow(/the key is gone/);
    expect(reopened(text, 'short')).toThrow(/the key is none/);
    expect(reopened(text, newKey())).toThrow(/another key/);
    const swapped = text.replaceAll(MADE.arn, `${MADE.arn.slice(0, -1)}0`);
    expect(reopened(swapped, files.key.text)).toThrow(/another key, or changed/);
    expect(reopened(text, files.key.text)).not.toThrow();
  });

  it('are not made anew over a file that cannot be read', () => {
    for (const text of ['{', '{"a": 1}', '[]']) {
      const files = secretsInMemory(text);
      expect(() => openSecretValues([DEFINITION], files)).toThrow(/Put both files back/);
      expect(files.values.text).toBe(text);
    }
  });

  it('are refused where the template asks for what is not emulated', () => {
    for (const properties of [
      {},
      { SecretString: 'x' },
      { GenerateSecretString: { PasswordLength: 64 } },
      { GenerateSecretString: { ...GENERATE, RequireEachIncludedType: false } },
      { GenerateSecretString: GENERATE, KmsKeyId: 'key' },
    ]) {
      expect(() => secretDefinition(resource(properties))).toThrow(/Master cannot be run locally/);
    }
  });
});

describe('a sealed text', () => {
  it('is another each time, and opens only as it was closed', () => {
    const seal = createSeal(newKey());
    const [a, b] = [seal.close(MARKER, 'x'), seal.close(MARKER, 'x')];
    expect(a).not.toBe(b);
    expect([seal.open(a, 'x'), seal.open(b, 'x')]).toEqual([MARKER, MARKER]);
    expect(() => seal.open(a, 'y')).toThrow();
    const bytes = Buffer.from(a, 'base64');
    for (const at of [0, 15, bytes.length - 1]) {
      const changed = Buffer.from(bytes);
      changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
      expect(() => seal.open(changed.toString('base64'), 'x')).toThrow();
    }
    expect(() => seal.open('', 'x')).toThrow();
  });
});
