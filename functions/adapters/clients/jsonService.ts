/**
 * Calls of the services that speak AWS's JSON protocol (DynamoDB, Step Functions, Secrets Manager): a signed
 * POST with the operation in a header, errors by their type in the body. The SDK's clients do the same with
 * ten times the code, which every function would load and run for each of some forty calls of a small task
 * (docs/adr/0062-json-services-without-the-sdk.md).
 */
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { createSigner, type SigningIdentity } from '../requestSignature.ts';
import { mayPass } from '../sdkErrors.ts';
import { createTransport } from './httpTransport.ts';

/** Where a service is, and who calls it. */
export interface ServicePlace {
  readonly region: string;
  readonly credentials: SigningIdentity;
  /** Where it is, when not in AWS. */
  readonly endpoint?: string | undefined;
  /** How often a call is tried while it fails in a way that may pass; by default MAX_ATTEMPTS. */
  readonly maxAttempts?: number;
}

/** One of the services, as its API reference names it. */
export interface ServiceName {
  /** In its host name and in signatures, such as dynamodb. */
  readonly service: string;
  /** In front of each operation in the header X-Amz-Target, such as DynamoDB_20120810. */
  readonly target: string;
  readonly version: '1.0' | '1.1';
}

/**
 * Runs one operation and gives its output.
 * @throws ServiceError with the name that the service gave; Node's errors of the network; AbortError
 */
export type JsonService = (
  operation: string,
  input: object,
  options: { readonly abortSignal: AbortSignal },
) => Promise<unknown>;

/** An error that a service answered, in the shape of the SDK's. */
export class ServiceError extends Error {
  readonly $metadata: { readonly httpStatusCode: number; readonly requestId: string | undefined };
  constructor(name: string, message: string, status: number, requestId?: string) {
    super(message);
    this.name = name;
    this.$metadata = { httpStatusCode: status, requestId };
  }
}

/** What a fast step and its neighbours have under way in one function. */
const CONNECTIONS = 50;

/**
 * As the SDK's standard mode has them: 100, 200, 400 and 800 ms, each by chance somewhat less, so 1.5 s at
 * most. Longer pauses belong to the workflow's Retry, where waiting is free.
 */
const MAX_ATTEMPTS = 5;
const FIRST_PAUSE_MS = 100;

const RefusalSchema = z.object({
  __type: z.string().optional(),
  message: z.string().optional(),
  Message: z.string().optional(),
});

/** @param placeOf asked at the first call */
export function createJsonService(
  { service, target, version }: ServiceName,
  placeOf: () => ServicePlace,
): JsonService {
  let opened: ReturnType<typeof open> | undefined;
  const type = `application/x-amz-json-${version}`;

  function open() {
    const { region, credentials, endpoint, maxAttempts = MAX_ATTEMPTS } = placeOf();
    const url = new URL(endpoint ?? endpointOf(service, region));
    const send = createTransport(url, CONNECTIONS);
    const sign = createSigner({ region, service });
    const call = async (operation: string, body: string, stop: AbortSignal) => {
      const headers = { 'content-type': type, 'x-amz-target': `${target}.${operation}` };
      const request = { method: 'POST', path: '/', body } as const;
      const signed = sign({ ...request, host: url.host, headers }, credentials, Date.now());
      const answer = await send({ ...request, headers: signed }, stop);
      const output = answer.status === 200 ? parsed(answer.body) : undefined;
      if (output === undefined) throw refusal(service, answer);
      return output;
    };
    return { call, maxAttempts };
  }

  return async (operation, input, { abortSignal }) => {
    const { call, maxAttempts } = (opened ??= open());
    const body = JSON.stringify(input);
    for (let attempt = 1; ; attempt++) {
      try {
        return await call(operation, body, abortSignal);
      } catch (error) {
        if (attempt >= maxAttempts || abortSignal.aborted || !mayPass(error)) throw error;
      }
      const pause = FIRST_PAUSE_MS * 2 ** (attempt - 1) * Math.random();
      await sleep(pause, undefined, { signal: abortSignal });
    }
  };
}

/** General Reference, "Service endpoints". */
const endpointOf = (service: string, region: string) =>
  `https://${service}.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;

function refusal(
  service: string,
  { status, headers, body }: Awaited<ReturnType<ReturnType<typeof createTransport>>>,
): ServiceError {
  const { __type: type = '', message, Message } = RefusalSchema.safeParse(parsed(body)).data ?? {};
  const name = type.split('#').at(-1)?.split(':', 1)[0] || `Status${status}`;
  const requestId = headers['x-amzn-requestid'];
  return new ServiceError(
    name,
    message ?? Message ?? `${service} answered ${status}.`,
    status,
    requestId === undefined ? undefined : String(requestId),
  );
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined; // Something in between answered, such as a proxy.
  }
}
