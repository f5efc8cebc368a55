/** docs/api.md, "Webhooks": the example verifies, and the numbers are those of the code. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  DELIVERY_PAUSES_SECONDS,
  MAX_DELIVERIES,
  MAX_ENDPOINTS,
  WEBHOOK_TIMEOUT_MS,
} from '../../../shared/limits.ts';
import { ENDING_EVENT_TYPES, WEBHOOK_EVENT_TYPES } from '../../../shared/schemas/webhookEvents.ts';
import { signedHeaders, webhookSecret } from '../../../shared/webhooks/signing.ts';

const guide = readFileSync(new URL('../../../docs/api.md', import.meta.url), 'utf8');
const [, text = ''] = guide.split('\n## Webhooks\n');
const [section = ''] = text.split('\n## ');

type IsGenuine = (secret: string, headers: object, body: string) => boolean;

describe('the guide to webhooks', () => {
  it('has an example that tells genuine messages from others', async () => {
    const [, code = ''] = /```js\n([\s\S]*?)```/.exec(section) ?? [];
    const url = `data:text/javascript,${encodeURIComponent(code)}`;
    const { isGenuine } = (await import(/* @vite-ignore */ url)) as { isGenuine: IsGenuine };
    const secret = webhookSecret('master', 'whe_1');
    const now = Math.floor(Date.now() / 1000);
    const body = '{"type":"task_completed","é":1}';
    const headers = (timestamp: number) => signedHeaders(secret, { id: 'dlv_1', timestamp, body });
    expect(isGenuine(secret, headers(now), body)).toBe(true);
    // While a secret is changed, a message has two signatures.
    const two = {
      ...headers(now),
      'webhook-signature': `v1,AAAA v1a,x ${headers(now)['webhook-signature']}`,
    };
    expect(isGenuine(secret, two, body)).toBe(true);
    expect(isGenuine(secret, headers(now), `${body} `)).toBe(false);
    expect(isGenuine(webhookSecret('master', 'whe_2'), headers(now), body)).toBe(false);
    expect(isGenuine(secret, { ...headers(now), 'webhook-id': 'dlv_2' }, body)).toBe(false);
    expect(isGenuine(secret, headers(now - 1_000), body)).toBe(false);
    expect(isGenuine(secret, {}, body)).toBe(false);
  });

  it('tells the pauses, the patience and the limits', () => {
    const units = { s: 1, min: 60, h: 3600 };
    const [, told = ''] = /sent again after (.*?), and once more 24 hours/.exec(section) ?? [];
    const pauses = told.split(', ').map((pause) => {
      const [count, unit] = pause.split(' ');
      return Number(count) * units[unit as keyof typeof units];
    });
    expect(pauses).toEqual(DELIVERY_PAUSES_SECONDS.slice(0, -1));
    expect(DELIVERY_PAUSES_SECONDS.reduce((sum: number, pause) => sum + pause, 0)).toBe(86_400);
    expect(section).toContain(`Answer 2xx within ${WEBHOOK_TIMEOUT_MS / 1000} seconds`);
    expect(guide).toContain(`| webhook endpoints of an owner | ${MAX_ENDPOINTS} |`);
    expect(guide).toContain(`| ${MAX_DELIVERIES.toLocaleString('en-US')} |`);
  });

  it('names the events that are sent unless others are chosen, and which are not', () => {
    for (const type of ENDING_EVENT_TYPES) expect(section).toContain(`\`${type}\``);
    const [, others = ''] = /names others, such as ([^;]*);/.exec(section) ?? [];
    const named = [...others.matchAll(/`(\w+)`/g)].map(([, type]) => type);
    expect(WEBHOOK_EVENT_TYPES).toEqual(expect.arrayContaining(named));
    expect(named.length).toBeGreaterThan(0);
    expect(ENDING_EVENT_TYPES.every((type) => WEBHOOK_EVENT_TYPES.includes(type))).toBe(true);
  });
});
