import { describe, expect, it } from 'vitest';
import {
  callbackToken,
  callbackUrl,
  readCallbackToken,
} from '../../../shared/callbacks/callbackUrl.ts';
import type { CallbackPlace } from '../../../shared/keys.ts';
import { webhookSecret } from '../../../shared/webhooks/signing.ts';

const MASTER = 'the master secret';
const PLACE: CallbackPlace = {
  taskId: 'task_01J00000000000000000000000',
  row: 17,
  step: 'picture',
  request: '0123456789abcdef0123456789abcdef',
  after: 0,
};

describe('a URL that is called back', () => {
  it('says by itself what it is for, and is the same each time', () => {
    const url = callbackUrl('https://api.example.com/api/v2', MASTER, PLACE);
    const prefix = 'https://api.example.com/api/v2/callbacks/';
    expect(url.startsWith(prefix)).toBe(true);
    expect(new URL(url).href).toBe(url);
    expect(callbackUrl('https://api.example.com/api/v2', MASTER, PLACE)).toBe(url);
    expect(readCallbackToken(MASTER, url.slice(prefix.length))).toEqual(PLACE);
  });

  it('is good for nothing else, and under no other secret', () => {
    const token = callbackToken(MASTER, PLACE);
    expect(readCallbackToken('another', token)).toBeUndefined();
    const others: Partial<CallbackPlace>[] = [
      { taskId: 'task_01J00000000000000000000001' },
      { row: 18 },
      { step: 'pictures' },
      { request: 'f'.repeat(32) },
      { after: 2 },
    ];
    const code = token.slice(token.lastIndexOf('.'));
    for (const other of others) {
      const theirs = callbackToken(MASTER, { ...PLACE, ...other });
      expect(readCallbackToken(MASTER, theirs)).toEqual({ ...PLACE, ...other });
      const forged = theirs.slice(0, theirs.lastIndexOf('.')) + code;
      expect(readCallbackToken(MASTER, forged)).toBeUndefined();
    }
  });

  it.each(['', 'x', '.....', 'task_1.1.a.b.0.c', `${callbackToken(MASTER, PLACE)}A`, '\n'])(
    'is not %j',
    (token) => {
      expect(readCallbackToken(MASTER, token)).toBeUndefined();
    },
  );

  it('has a code that no secret of a webhook tells', () => {
    const token = callbackToken(MASTER, PLACE);
    const text = token.slice(0, token.lastIndexOf('.'));
    expect(token).not.toBe(callbackToken(webhookSecret(MASTER, PLACE.taskId), PLACE));
    expect(webhookSecret(MASTER, text)).not.toContain(token.slice(token.lastIndexOf('.') + 1));
  });
});
