import { afterEach, expect, it, vi } from 'vitest';
import { defaultProvider } from '../../../functions/runtime/credentials.ts';

afterEach(() => vi.unstubAllEnvs());

const set = (id: string | undefined, secret: string | undefined, token: string | undefined) => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', id);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', secret);
  vi.stubEnv('AWS_SESSION_TOKEN', token);
};

it('takes the credentials of the environment, with the token of a session', async () => {
  set('id', 'secret', 'token');
  expect(await defaultProvider()()).toEqual({
    accessKeyId: 'id',
    secretAccessKey: 'secret',
    sessionToken: 'token',
  });
});

it('needs no token', async () => {
  set('id', 'secret', undefined);
  expect(await defaultProvider()()).toEqual({ accessKeyId: 'id', secretAccessKey: 'secret' });
});

it('names what is missing, and no value', async () => {
  set('id', undefined, undefined);
  await expect(defaultProvider()()).rejects.toThrow('AWS_SECRET_ACCESS_KEY is missing');
});
