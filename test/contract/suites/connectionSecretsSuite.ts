/** What every implementation of the port to secret headers does: run over the fake and over the adapter. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ConnectionSecrets } from '../../../shared/ports.ts';

export interface ConnectionSecretsFixture {
  readonly secrets: ConnectionSecrets;
  /** The same as another process sees them. */
  readonly others: ConnectionSecrets;
  close(): Promise<void>;
}

const NAME = 'conn_01JDA4V5P0W8QZ6Y3M2T7R9KXC/0123456789ABCDEF';
const HEADERS = { authorization: 'Bearer a"b\\c\té', 'x-key': 'k'.repeat(4_000) };

export function connectionSecretsSuite(
  name: string,
  open: () => Promise<ConnectionSecretsFixture>,
) {
  describe(`the port to secret headers, ${name}`, () => {
    let fixture: ConnectionSecretsFixture;
    beforeEach(async () => {
      fixture = await open();
    });
    afterEach(() => fixture.close());

    it('gives back what was kept, to other processes too', async () => {
      const { secrets, others } = fixture;
      await secrets.keep(NAME, HEADERS);
      for (const port of [secrets, others, secrets]) expect(await port.read(NAME)).toEqual(HEADERS);
    });

    it('keeps each name by itself', async () => {
      const { secrets } = fixture;
      await secrets.keep(NAME, HEADERS);
      await secrets.keep(`${NAME}2`, { a: '1' });
      await secrets.forget(NAME);
      expect(await secrets.read(NAME)).toBeUndefined();
      expect(await secrets.read(`${NAME}2`)).toEqual({ a: '1' });
    });

    it('overwrites nothing', async () => {
      const { secrets, others } = fixture;
      await secrets.keep(NAME, HEADERS);
      await expect(others.keep(NAME, { a: '1' })).rejects.toThrow();
      expect(await others.read(NAME)).toEqual(HEADERS);
    });

    it('knows nothing of what was never kept, or is forgotten, however often', async () => {
      const { secrets, others } = fixture;
      expect(await secrets.read(NAME)).toBeUndefined();
      await secrets.forget(NAME);
      await secrets.keep(NAME, HEADERS);
      for (let i = 0; i < 2; i++) await secrets.forget(NAME);
      for (const port of [secrets, others]) expect(await port.read(NAME)).toBeUndefined();
    });
  });
}
