import { describe, expect, it } from 'vitest';
import { sha256Hex, type SignableRequest } from '../../../../local/iam/canonicalRequest.ts';
import {
  SignatureError,
  signRequest,
  verifyRequest,
  type VerifyOptions,
} from '../../../../local/iam/signing.ts';

/** The examples of the S3 API Reference, "Signature calculations for the Authorization header". */
const ACCESS_KEY = 'AKIAIOSFODNN7EXAMPLE';
const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
const DATE = '20130524T000000Z';
const NOW = Date.UTC(2013, 4, 24);
const EMPTY = sha256Hex('');

const options: VerifyOptions = {
  region: 'us-east-1',
  service: 's3',
  secretOf: (id) => (id === ACCESS_KEY ? SECRET : undefined),
  readings: [NOW],
  payloadHash: EMPTY,
};

function example(
  method: string,
  url: string,
  signature: string,
  headers: Record<string, string> = {},
): SignableRequest {
  const all: Record<string, string> = {
    host: 'examplebucket.s3.amazonaws.com',
    'x-amz-content-sha256': EMPTY,
    'x-amz-date': DATE,
    ...headers,
  };
  const signed = Object.keys(all).sort().join(';');
  const credential = `${ACCESS_KEY}/20130524/us-east-1/s3/aws4_request`;
  const authorization = `AWS4-HMAC-SHA256 Credential=${credential},SignedHeaders=${signed},Signature=${signature}`;
  return { method, url, headers: { ...all, authorization } };
}

const getObject = () =>
  example('GET', '/test.txt', 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41', {
    range: 'bytes=0-9',
  });

const presigned =
  '/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256' +
  '&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request' +
  '&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host' +
  '&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404';
const link = (url = presigned): SignableRequest => ({
  method: 'GET',
  url,
  headers: { host: 'examplebucket.s3.amazonaws.com' },
});

function faultOf(request: SignableRequest, change: Partial<VerifyOptions> = {}): string {
  try {
    verifyRequest(request, { ...options, ...change });
    return 'none';
  } catch (error) {
    if (error instanceof SignatureError) return error.fault;
    throw error;
  }
}

describe('verifyRequest', () => {
  it("accepts AWS's own examples", () => {
    const payloadHash = '44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072';
    const put = example(
      'PUT',
      '/test%24file.text',
      '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
      {
        date: 'Fri, 24 May 2013 00:00:00 GMT',
        'x-amz-storage-class': 'REDUCED_REDUNDANCY',
        'x-amz-content-sha256': payloadHash,
      },
    );
    const lifecycle = example(
      'GET',
      '/?lifecycle',
      'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
    );
    const list = example(
      'GET',
      '/?max-keys=2&prefix=J',
      '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
    );
    expect(faultOf(getObject())).toBe('none');
    expect(faultOf(put, { payloadHash })).toBe('none');
    expect(faultOf(lifecycle)).toBe('none');
    expect(faultOf(list)).toBe('none');
    expect(verifyRequest(getObject(), options)).toMatchObject({
      accessKeyId: ACCESS_KEY,
      presigned: false,
    });
  });

  it("accepts AWS's own example of a presigned link, whatever its body", () => {
    expect(faultOf(link(), { payloadHash: 'anything' })).toBe('none');
    expect(verifyRequest(link(), options)).toMatchObject({ presigned: true });
  });

  it.each<[string, SignableRequest, string]>([
    ['another method', { ...getObject(), method: 'PUT' }, 'mismatch'],
    ['another path', { ...getObject(), url: '/test.txt0' }, 'mismatch'],
    ['another parameter', { ...getObject(), url: '/test.txt?acl' }, 'mismatch'],
    [
      'another header',
      { ...getObject(), headers: { ...getObject().headers, range: 'bytes=0-99' } },
      'mismatch',
    ],
    [
      'a header that S3 acts on and nobody signed',
      { ...getObject(), headers: { ...getObject().headers, 'x-amz-copy-source': '/b/k' } },
      'unsigned-header',
    ],
    ['a link whose life was changed', link(presigned.replace('86400', '86401')), 'mismatch'],
    ['a link that lives too long', link(presigned.replace('86400', '604801')), 'malformed'],
    ['a link with two dates', link(`${presigned}&X-Amz-Date=${DATE}`), 'malformed'],
    ['broken percent-encoding', link(`${presigned}&x=%zz`), 'mismatch'],
    ['no signature', { method: 'GET', url: '/', headers: { host: 'x' } }, 'missing'],
    [
      'a scheme that is not known',
      { method: 'GET', url: '/', headers: { host: 'x', authorization: 'Basic eDp5' } },
      'malformed',
    ],
  ])('refuses %s', (_what, request, fault) => {
    expect(faultOf(request)).toBe(fault);
  });

  it.each<[string, Partial<VerifyOptions>, string]>([
    ['another body', { payloadHash: sha256Hex('x') }, 'mismatch'],
    ['another secret', { secretOf: () => 'guessed' }, 'mismatch'],
    ['a key that nobody has', { secretOf: () => undefined }, 'unknown-key'],
    ['another region', { region: 'eu-central-1' }, 'malformed'],
    ['another service', { service: 'dynamodb' }, 'malformed'],
    ['a request that is 15 minutes late', { readings: [NOW + 900_001] }, 'skewed'],
    ['a request that is 15 minutes early', { readings: [NOW - 900_001] }, 'skewed'],
  ])('refuses %s', (_what, change, fault) => {
    expect(faultOf(getObject(), change)).toBe(fault);
  });

  it('accepts what fits one of several readings of a clock that was set', () => {
    for (const jump of [-86_400_000, 86_400_000, 2 * 86_400_000]) {
      expect(faultOf(getObject(), { readings: [NOW + jump, NOW] })).toBe('none');
      expect(faultOf(link(), { readings: [NOW + jump, NOW] })).toBe('none');
      expect(faultOf(getObject(), { readings: [NOW + jump, NOW + 3 * jump] })).toBe('skewed');
    }
  });

  it('refuses a link from the end of its life on', () => {
    expect(faultOf(link(), { readings: [NOW + 86_400_000] })).toBe('none');
    expect(faultOf(link(), { readings: [NOW + 86_400_001] })).toBe('expired');
    expect(faultOf(link(), { readings: [NOW - 900_001] })).toBe('skewed');
  });
});

describe('signRequest', () => {
  it.each(['s3', 'execute-api'])('makes what verifyRequest accepts for %s', (service) => {
    const request = {
      method: 'POST',
      url: '/stage/@connections/a%3D%20b?x=1&x=0&empty=&sp%20ace=%2F*()',
      headers: { host: '127.0.0.1:1', 'x-amz-target': 'A.B', spaced: '  a   b ' },
      body: '{"a":1}',
    };
    const scope = { region: 'us-east-1', service };
    const credentials = { accessKeyId: ACCESS_KEY, secretAccessKey: SECRET };
    const added = signRequest(request, credentials, { ...scope, now: NOW });
    const signed = { ...request, headers: { ...request.headers, ...added } };
    const change = { service, payloadHash: sha256Hex(request.body) };
    expect(faultOf(signed, change)).toBe('none');
    expect(faultOf({ ...signed, url: `${signed.url}&y` }, change)).toBe('mismatch');
  });
});
