import { beforeEach, describe, expect, it } from 'vitest';
import { contentPolicy, withSources } from '../../../shared/console/contentPolicy.ts';
import {
  publishConsole,
  withdrawConsole,
  type Site,
  type SiteFile,
} from '../../../shared/console/publish.ts';

const DAY = 24 * 60 * 60 * 1000;
const NOW = 100 * DAY;
const FILES = ['index.html', 'icon.svg', 'assets/main-A.js', 'examples/people.csv'];

const done: string[] = [];
const headers: Record<string, string> = {};
let there: SiteFile[] = [];
const site: Site = {
  async put(path, bytes, { contentType, cacheControl }) {
    done.push(`put ${path}`);
    headers[path] = `${contentType}, ${cacheControl}, ${Buffer.from(bytes).toString()}`;
    there = [...there.filter((file) => file.path !== path), { path, putAt: NOW }];
  },
  list: async () => there,
  async delete(path) {
    done.push(`delete ${path}`);
    there = there.filter((file) => file.path !== path);
  },
  async forgetCopies(paths) {
    done.push(`forget ${[...paths].sort().join(' ')}`);
  },
};
const ports = {
  clock: { now: () => NOW },
  files: { list: async () => FILES, read: async (path: string) => Buffer.from(`of ${path}`) },
  site,
};
beforeEach(() => {
  done.splice(0);
  there = [];
});

describe('publishing the console', () => {
  it('puts the page last, so that whoever gets it finds what it names', async () => {
    await publishConsole(ports, 'https://a.example/api/v2');
    expect(done.slice(0, -2).sort()).toEqual(
      ['put assets/main-A.js', 'put config.json', 'put examples/people.csv', 'put icon.svg'].sort(),
    );
    expect(done.slice(-2)).toEqual([
      'put index.html',
      'forget / /config.json /examples/people.csv /icon.svg /index.html',
    ]);
  });

  it('says how long each is good for: for ever by its hash, else for as long as it did not change', async () => {
    await publishConsole(ports, 'https://a.example/api/v2');
    expect(headers).toMatchObject({
      'assets/main-A.js':
        'text/javascript; charset=utf-8, public, max-age=31536000, immutable, of assets/main-A.js',
      'index.html': 'text/html; charset=utf-8, no-cache, of index.html',
      'config.json': 'application/json, no-cache, {"apiUrl":"https://a.example/api/v2"}',
      'examples/people.csv': 'text/csv; charset=utf-8, no-cache, of examples/people.csv',
    });
  });

  it('keeps parts of pages that may be open still for a week', async () => {
    there = [
      { path: 'assets/main-old.js', putAt: NOW - 8 * DAY },
      { path: 'assets/main-last.js', putAt: NOW - 6 * DAY },
      { path: 'icon.svg', putAt: NOW - 50 * DAY },
    ];
    await publishConsole(ports, 'https://a.example/api/v2');
    expect(done.filter((what) => what.startsWith('delete'))).toEqual(['delete assets/main-old.js']);
  });

  it('leaves nothing where it is withdrawn', async () => {
    await publishConsole(ports, 'https://a.example/api/v2');
    await withdrawConsole(ports);
    expect(there).toEqual([]);
  });
});

describe('the policy of the page', () => {
  const policy = contentPolicy(['https://api.example', 'wss://stream.example']);

  it('lets no script but its own run, and sends nothing to strangers', () => {
    expect(policy.split('; ')).toEqual([
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self' blob:",
      "connect-src 'self' https://api.example wss://stream.example",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
      "trusted-types 'none'",
    ]);
  });

  it('is the same elsewhere, with the addresses there', () => {
    expect(withSources(policy, ['http://localhost:1'])).toBe(contentPolicy(['http://localhost:1']));
  });
});
