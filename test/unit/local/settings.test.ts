import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { banner, isStyled } from '../../../local/banner.ts';
import { HELP } from '../../../local/help.ts';
import { readSettings } from '../../../local/settings.ts';

describe('readSettings', () => {
  it('has a default for everything; an empty value counts as none', () => {
    const defaults = {
      httpPort: 3000,
      wsPort: 3001,
      servicesPort: 3002,
      dataDir: resolve('.sheaf'),
      apiKey: undefined,
      taskLimit: undefined,
      quiet: false,
      stopWithParent: false,
      stopWhenUnused: false,
      allowLoopbackTargets: false,
      serviceHosts: undefined,
    };
    expect(readSettings({})).toEqual(defaults);
    expect(readSettings({ HTTP_PORT: '', SHEAF_API_KEY: '' })).toEqual(defaults);
  });

  it('takes what is given', () => {
    const given = {
      HTTP_PORT: '0',
      WS_PORT: '8001',
      SHEAF_DATA_DIR: '/tmp/x',
      SHEAF_API_KEY: 'a-key-of-mine',
      SHEAF_TASK_LIMIT: '10',
      SHEAF_QUIET: '1',
      SHEAF_STOP_WITH_PARENT: 'true',
      SHEAF_STOP_WHEN_UNUSED: '1',
      SHEAF_ALLOW_LOOPBACK_TARGETS: '1',
      SHEAF_SERVICE_HOSTS: 'api.dify.ai',
      UNRELATED: 'x',
    };
    expect(readSettings(given)).toMatchObject({
      httpPort: 0,
      wsPort: 8001,
      dataDir: '/tmp/x',
      apiKey: 'a-key-of-mine',
      taskLimit: 10,
      quiet: true,
      stopWithParent: true,
      stopWhenUnused: true,
      allowLoopbackTargets: true,
      serviceHosts: 'api.dify.ai',
    });
  });

  it.each([
    ['HTTP_PORT', 'abc'],
    ['WS_PORT', '70000'],
    ['SERVICES_PORT', '-1'],
    ['SHEAF_API_KEY', 'short'],
    ['SHEAF_API_KEY', 'with a space'],
    ['SHEAF_TASK_LIMIT', '0'],
    ['SHEAF_TASK_LIMIT', '1001'],
    ['SHEAF_QUIET', 'perhaps'],
    ['SHEAF_SERVICE_HOSTS', 'https://api.dify.ai/v1'],
  ])('names %s when it is %j, but not the value of a key', (name, value) => {
    const read = () => readSettings({ [name]: value });
    expect(read).toThrow(name);
    if (name === 'SHEAF_API_KEY') expect(read).not.toThrow(value);
  });

  it.each(['abc', '70000', '-1', '1.5'])('says what a port is when one is %j', (value) => {
    expect(() => readSettings({ HTTP_PORT: value })).toThrow(
      /HTTP_PORT: must be a port: a whole number from 0 \(any free one\) to 65535$/,
    );
  });
});

describe('what is printed', () => {
  const input = {
    apiUrl: 'http://localhost:1/api/v2',
    eventsUrl: 'http://localhost:3000/events',
    websocketUrl: 'ws://localhost:2/v2/stream',
    servicesUrl: 'http://127.0.0.1:3',
    dataDir: '/tmp/data',
    apiKey: 'the-key',
    tableName: 'Sheaf-Table',
    bucketName: 'sheaf-bucket',
  };

  it('names every address, the folder and the key', () => {
    const text = banner({ ...input, styled: false });
    for (const value of Object.values(input)) expect(text).toContain(value);
    // The key is behind the #: no server ever sees it.
    expect(text).toContain('http://localhost:1/#key=the-key');
  });

  it('has escape sequences only on a terminal that wants them', () => {
    const escape = '\u001b';
    expect(banner({ ...input, styled: false })).not.toContain(escape);
    expect(banner({ ...input, styled: true })).toContain(escape);
    expect(isStyled(true, {})).toBe(true);
    expect(isStyled(true, { NO_COLOR: '1' })).toBe(false);
    expect(isStyled(true, { TERM: 'dumb' })).toBe(false);
    expect(isStyled(false, {})).toBe(false);
  });

  it('explains every setting in the help, within 100 columns', () => {
    for (const name of [
      'HTTP_PORT',
      'WS_PORT',
      'SERVICES_PORT',
      'SHEAF_DATA_DIR',
      'SHEAF_API_KEY',
      'SHEAF_QUIET',
      'SHEAF_STOP_WITH_PARENT',
      'SHEAF_STOP_WHEN_UNUSED',
      'NO_COLOR',
    ]) {
      expect(HELP).toContain(name);
    }
    for (const line of HELP.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
  });
});
