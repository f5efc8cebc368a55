import { BlockList, isIP } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isLoopback, whyRefused } from '../../../shared/egress/addresses.ts';
import { readHosts } from '../../../shared/egress/hosts.ts';
import { parseAddress } from '../../../shared/egress/parseAddress.ts';
import { readTarget } from '../../../shared/egress/targets.ts';
import {
  LOOPBACK_URLS,
  PUBLIC_ADDRESSES,
  REFUSED_ADDRESSES,
  REFUSED_URLS,
  TAKEN_URLS,
} from './cases.ts';

const STRICT = { allowLoopback: false };
const LOCAL = { allowLoopback: true };

describe('an address', () => {
  it.each(REFUSED_ADDRESSES)('%j is refused', (address) => {
    expect(whyRefused(address, STRICT)).toMatch(/^is \S/);
  });

  it.each(PUBLIC_ADDRESSES)('%s is public', (address) => {
    expect(whyRefused(address, STRICT)).toBeUndefined();
    expect(isLoopback(address)).toBe(false);
  });

  it('of the machine itself may be allowed, and only that', () => {
    const opened = REFUSED_ADDRESSES.filter((address) => !whyRefused(address, LOCAL));
    expect(opened).toEqual([
      '127.0.0.1',
      '127.255.255.254',
      '::1',
      '::ffff:127.0.0.1',
      '::ffff:7f00:1',
      '0:0:0:0:0:ffff:7f00:0001',
    ]);
    expect(opened.every(isLoopback)).toBe(true);
  });

  it('is read as Node.js reads it', () => {
    const ipv4 = fc.ipV4();
    const ipv6 = fc.ipV6();
    const mapped = ipv4.map((address) => `::ffff:${address}`);
    const noise = fc.stringMatching(/^[0-9a-f:.%]{0,24}$/);
    fc.assert(
      fc.property(fc.oneof(ipv4, ipv6, mapped, noise), (text) => {
        const family = text.includes('%') ? 0 : isIP(text);
        expect([text, parseAddress(text)?.bits]).toEqual([
          text,
          { 0: undefined, 4: 32, 6: 128 }[family],
        ]);
      }),
      { numRuns: 2_000 },
    );
  });

  it('of IPv4 is refused as by the list of another implementation', () => {
    const list = new BlockList();
    for (const [network, prefix] of [
      ['0.0.0.0', 8],
      ['10.0.0.0', 8],
      ['100.64.0.0', 10],
      ['127.0.0.0', 8],
      ['169.254.0.0', 16],
      ['172.16.0.0', 12],
      ['192.0.0.0', 24],
      ['192.0.2.0', 24],
      ['192.31.196.0', 24],
      ['192.52.193.0', 24],
      ['192.88.99.0', 24],
      ['192.168.0.0', 16],
      ['192.175.48.0', 24],
      ['198.18.0.0', 15],
      ['198.51.100.0', 24],
      ['203.0.113.0', 24],
      ['224.0.0.0', 4],
      ['240.0.0.0', 4],
    ] as const) {
      list.addSubnet(network, prefix);
    }
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        expect([address, whyRefused(address, STRICT) !== undefined]).toEqual([
          address,
          list.check(address),
        ]);
        // The same within IPv6.
        expect(whyRefused(`::ffff:${address}`, STRICT)).toBe(whyRefused(address, STRICT));
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('hosts that alone are called', () => {
  it('are read from a list, in lower case; * is any', () => {
    expect(readHosts(' * ')).toEqual({ hosts: undefined });
    expect(readHosts('api.Dify.ai, *.example.com,localhost')).toEqual({
      hosts: ['api.dify.ai', '*.example.com', 'localhost'],
    });
    for (const text of [
      '',
      ',',
      'a,',
      'https://a.b',
      'a.b/c',
      'a.b:443',
      '*.',
      '*b',
      'a..b',
      '-a',
    ]) {
      expect([text, readHosts(text)]).toEqual([
        text,
        { fault: expect.stringMatching(/^must be/) as string },
      ]);
    }
  });

  it('let nothing through that is refused without them', () => {
    const hosts = ['*.example.org', '127.0.0.1', 'localhost', '10.0.0.1', 'metadata.internal'];
    for (const [text] of REFUSED_URLS) {
      expect(readTarget(text, { ...STRICT, hosts })).toEqual(readTarget(text, STRICT));
    }
    expect(readTarget('https://a.example.org/', { ...STRICT, hosts })).toHaveProperty('url');
    for (const text of ['https://example.org/', 'https://b-example.org/', 'http://localhost:1/x']) {
      const target = readTarget(text, { ...LOCAL, hosts: ['*.example.org'] });
      expect(target).toEqual({ fault: expect.stringContaining('ask its operator') as string });
    }
  });
});

describe('a URL', () => {
  it.each(REFUSED_URLS)('%s is refused', (text, reason) => {
    const target = readTarget(text, STRICT);
    expect(target).toEqual({ fault: expect.stringMatching(reason) as string });
    // It says what to do, and nothing of what is within the URL.
    expect(target).toEqual({ fault: expect.stringMatching(/\. (Use|Write|Leave) /) as string });
    expect(JSON.stringify(target)).not.toContain('secret');
  });

  it.each(TAKEN_URLS)('%s is taken', (text) => {
    expect(readTarget(text, STRICT)).toEqual({ url: new URL(text) });
    expect(readTarget(text, LOCAL)).toEqual({ url: new URL(text) });
  });

  it.each(LOOPBACK_URLS)('%s is taken where the machine itself may be one', (text) => {
    expect(readTarget(text, STRICT)).toHaveProperty('fault');
    expect(readTarget(text, LOCAL)).toEqual({ url: new URL(text) });
  });

  it('of others stays as it is where the machine itself may be one', () => {
    const opened = REFUSED_URLS.filter(([text]) => 'url' in readTarget(text, LOCAL));
    for (const [text] of opened) expect(text).toMatch(/^https?:/);
    const hosts = opened.map(([text]) => new URL(text).hostname.replace(/^\[|\]$|\.$/g, ''));
    expect(hosts.filter((host) => !/localhost$/.test(host) && !isLoopback(host))).toEqual([]);
  });

  it('that is taken has 2,048 characters at most', () => {
    const url = (length: number) => `https://example.org/${'a'.repeat(length - 20)}`;
    expect(readTarget(url(2_048), STRICT)).toHaveProperty('url');
    expect(readTarget(url(2_049), STRICT)).toHaveProperty('fault');
  });
});
