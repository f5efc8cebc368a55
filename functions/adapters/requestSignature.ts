/**
 * AWS Signature Version 4 of a small request (AWS General Reference, "Signature Version 4 signing
 * process"). Those to S3 are signed by the SDK's client.
 */
import { createHash, createHmac } from 'node:crypto';

const ALGORITHM = 'AWS4-HMAC-SHA256';

export interface SigningIdentity {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

export interface RequestToSign {
  readonly method: string;
  /** As it is sent, percent-encoded; without a query. */
  readonly path: string;
  /** Host and port, as they are sent. */
  readonly host: string;
  readonly body: string;
  /** Further headers that are signed; their names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
}

export type Sign = (
  request: RequestToSign,
  identity: SigningIdentity,
  /** Milliseconds since 1970. */
  now: number,
) => Record<string, string>;

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string) =>
  createHmac('sha256', key).update(text).digest();

/** RFC 3986: only unreserved characters stay as they are. */
const encode = (text: string) =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );

/** Signs requests to one service; the key of a day is derived once. */
export function createSigner({ region, service }: { region: string; service: string }): Sign {
  let derived: { readonly for: string; readonly key: Buffer } | undefined;

  function keyOf(secret: string, day: string): Buffer {
    const name = `${day}/${secret}`;
    if (derived?.for !== name) {
      const key = [region, service, 'aws4_request'].reduce(hmac, hmac(`AWS4${secret}`, day));
      derived = { for: name, key };
    }
    return derived.key;
  }

  return (
    { method, path, host, body, headers = {} },
    { accessKeyId, secretAccessKey, sessionToken },
    now,
  ) => {
    const date = new Date(now).toISOString().replace(/[-:]|\.\d{3}/g, '');
    const day = date.slice(0, 8);
    const hash = sha256(body);
    const signed: Record<string, string> = {
      host,
      'x-amz-content-sha256': hash,
      'x-amz-date': date,
      ...(sessionToken === undefined ? {} : { 'x-amz-security-token': sessionToken }),
      ...headers,
    };
    const names = Object.keys(signed).sort();
    const canonical = [
      method,
      // Every service but S3 encodes the path once more.
      path.split('/').map(encode).join('/'),
      '',
      ...names.map((name) => `${name}:${signed[name] ?? ''}`),
      '',
      names.join(';'),
      hash,
    ].join('\n');
    const scope = `${day}/${region}/${service}/aws4_request`;
    const signature = hmac(
      keyOf(secretAccessKey, day),
      [ALGORITHM, date, scope, sha256(canonical)].join('\n'),
    ).toString('hex');
    return {
      ...signed,
      authorization: `${ALGORITHM} Credential=${accessKeyId}/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature}`,
    };
  };
}
