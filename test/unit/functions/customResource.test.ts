import { afterEach, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { customResource } from '../../../functions/runtime/customResource.ts';
import { lambdaContext } from '../../support/gatewayEvents.ts';
import { createMemoryPorts } from '../../support/memoryPorts.ts';

const EVENT = {
  RequestType: 'Create',
  ResponseURL: 'https://answers.example/signed?x=1',
  StackId: 'stack',
  RequestId: 'request',
  LogicalResourceId: 'Page',
  ResourceProperties: { ServiceToken: 'arn', ApiUrl: 'https://a.example/' },
};

function resource(work: (what: string) => void) {
  const answers: [url: string, init: RequestInit][] = [];
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    answers.push([url, init]);
    return new Response('', { status: 200 });
  });
  const handler = customResource({
    ports: createMemoryPorts(),
    id: 'console',
    properties: z.object({ ApiUrl: z.url() }),
    put: async (_, { ApiUrl }) => work(`put ${ApiUrl}`),
    remove: async () => work('remove'),
  });
  return {
    call: async (event: object) => {
      await handler({ ...EVENT, ...event }, lambdaContext());
      expect(answers).toHaveLength(1);
      const [[url, init] = ['', {}]] = answers;
      expect(url).toBe(EVENT.ResponseURL);
      expect(init).toMatchObject({ method: 'PUT', headers: { 'content-type': '' } });
      return z.record(z.string(), z.string()).parse(JSON.parse(z.string().parse(init.body)));
    },
  };
}
afterEach(() => void vi.unstubAllGlobals());

describe('a custom resource', () => {
  it.each([
    ['Create', {}, 'put https://a.example/'],
    ['Update', { PhysicalResourceId: 'console' }, 'put https://a.example/'],
    ['Delete', { PhysicalResourceId: 'console' }, 'remove'],
  ])('%s does its work and answers', async (RequestType, more, expected) => {
    const done: string[] = [];
    const { call } = resource((what) => void done.push(what));
    expect(await call({ RequestType, ...more })).toEqual({
      StackId: 'stack',
      RequestId: 'request',
      LogicalResourceId: 'Page',
      PhysicalResourceId: 'console',
      Status: 'SUCCESS',
    });
    expect(done).toEqual([expected]);
  });

  it('tells CloudFormation what went wrong, which would wait for it otherwise', async () => {
    const { call } = resource(() => {
      throw new Error(`The bucket refuses. ${'x'.repeat(10_000)}`);
    });
    const { Status, Reason = '' } = await call({});
    expect(Status).toBe('FAILED');
    expect(Reason).toContain('The bucket refuses.');
    // An answer has 4,096 bytes at most.
    expect(Reason.length).toBeLessThanOrEqual(500);
  });

  it('tells of properties that are not what it takes', async () => {
    const { call } = resource(() => undefined);
    expect(await call({ ResourceProperties: { ApiUrl: 'nowhere' } })).toMatchObject({
      Status: 'FAILED',
    });
  });

  it('keeps the name that it was given, as another would be another resource', async () => {
    const { call } = resource(() => undefined);
    expect(await call({ PhysicalResourceId: 'older' })).toMatchObject({
      PhysicalResourceId: 'older',
    });
  });
});
