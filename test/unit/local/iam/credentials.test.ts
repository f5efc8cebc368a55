import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createCredentialsRegistry } from '../../../../local/iam/credentials.ts';

it('gives each principal its own secret, the same over restarts of one folder alone', () => {
  const dirs = [1, 2].map(() => mkdtempSync(join(tmpdir(), 'sheaf-credentials-')));
  const [here = '', elsewhere = ''] = dirs;
  try {
    const registry = createCredentialsRegistry(here);
    const role = registry.issue('Role');
    expect(registry.secretOf('Role')).toBe(role.secretAccessKey);
    expect(registry.secretOf('Other')).toBeUndefined();
    expect(registry.issue('Other').secretAccessKey).not.toBe(role.secretAccessKey);
    expect(createCredentialsRegistry(here).secretOf('Role')).toBeUndefined();
    expect(createCredentialsRegistry(here).issue('Role')).toEqual(role);
    expect(createCredentialsRegistry(elsewhere).issue('Role')).not.toEqual(role);
  } finally {
    for (const dir of dirs) rmSync(dir, { recursive: true });
  }
});
