import { describe, expect, it } from 'vitest';
import { Webhook } from 'standardwebhooks';
import { whyForged } from '../../../cli/commands/webhook/verify.ts';

const SECRET = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
const NOW = 1_764_144_000;
const BODY = '{"type":"task_completed"}';

const headers = (seconds = NOW, secret = SECRET) => ({
  'webhook-id': 'dlv_1',
  'webhook-timestamp': String(seconds),
  'webhook-signature': new Webhook(secret).sign('dlv_1', new Date(seconds * 1000), BODY),
});

describe('a message', () => {
  it('is believed when another implementation signed it with the secret', () => {
    expect(whyForged(headers(), BODY, SECRET, NOW)).toBeUndefined();
    const two = { ...headers(), 'webhook-signature': `v1,AAAA ${headers()['webhook-signature']}` };
    expect(whyForged(two, BODY, SECRET, NOW + 299)).toBeUndefined();
  });

  it.each([
    ['with another body', headers(), `${BODY} `, /another secret/],
    ['of another secret', headers(NOW, 'whsec_AAAA'), BODY, /another secret/],
    ['of old', headers(NOW - 301), BODY, /not of now/],
    ['of the future', headers(NOW + 301), BODY, /not of now/],
    ['without a signature', { 'webhook-id': 'x', 'webhook-timestamp': '1' }, BODY, /not signed/],
  ])('%s is not', (_, given, body, why) => {
    expect(whyForged(given, body, SECRET, NOW)).toMatch(why);
  });
});
