/** The AWS JSON protocol: POST / with X-Amz-Target, a JSON body, and errors by `__type`. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Access, authenticate } from '../iam/access.ts';
import { SignatureError, type SignatureFault } from '../iam/signing.ts';

/** The media type of calls and answers. */
export const JSON_PROTOCOL = 'application/x-amz-json-1.0';

/** DynamoDB and Step Functions take nothing larger. */
const BODY_BYTES_MAX = 16 * 1024 * 1024;

/** An error as a JSON service answers it. */
export class ServiceError extends Error {
  readonly type: string;
  readonly status: number;
  constructor(type: string, message: string, status = 400) {
    super(message);
    this.name = 'ServiceError';
    this.type = type;
    this.status = status;
  }
}

/** One call of a JSON service, from a caller whose signature was checked. */
export interface JsonCall {
  readonly accessKeyId: string;
  /** Such as PutItem. */
  readonly operation: string;
  readonly input: unknown;
}

/**
 * Reads a call and checks its signature.
 * @param service name in the signature's scope, such as dynamodb
 * @throws ServiceError
 */
export async function receiveJsonCall(
  request: IncomingMessage,
  access: Access,
  service: string,
): Promise<JsonCall> {
  const body = await readBody(request);
  const { method = 'POST', url = '/', headers } = request;
  const operation = String(headers['x-amz-target'] ?? '').split('.')[1] ?? '';
  try {
    const { accessKeyId } = authenticate(access, service, { method, url, headers }, body);
    return { accessKeyId, operation, input: JSON.parse(body.toString('utf8') || '{}') };
  } catch (error) {
    if (error instanceof SignatureError) {
      throw new ServiceError(SIGNATURE_ERRORS[error.fault], error.message);
    }
    if (error instanceof SyntaxError) {
      throw new ServiceError('SerializationException', 'The body is not valid JSON.');
    }
    throw error;
  }
}

/** @throws ServiceError AccessDeniedException, in the words that AWS uses */
export function requirePermission(
  access: Access,
  accessKeyId: string,
  action: string,
  resource: string,
) {
  if (access.allows(accessKeyId, action, resource)) return;
  throw new ServiceError(
    'AccessDeniedException',
    `User: ${accessKeyId} is not authorized to perform: ${action} on resource: ${resource} ` +
      'because no identity-based policy allows the action',
  );
}

/** Answers a call with its output. */
export function answerJson(response: ServerResponse, status: number, output: unknown) {
  // As text it goes out in one write with the headers.
  const body = JSON.stringify(output);
  response.writeHead(status, {
    'content-type': JSON_PROTOCOL,
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}

/** Answers a call with an error; one that is not a ServiceError becomes InternalServerError. */
export function answerJsonError(response: ServerResponse, error: unknown) {
  const known =
    error instanceof ServiceError
      ? error
      : new ServiceError('InternalServerError', String(error), 500);
  answerJson(response, known.status, { __type: known.type, message: known.message });
}

/** Reads a body whole. */
function readBody(request: IncomingMessage): Promise<Buffer> {
  // By events: an iterator of a stream takes as long as all else that is done for a small request.
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    let bytes = 0;
    request.on('data', (piece: Buffer) => {
      bytes += piece.length;
      pieces.push(piece);
      if (bytes <= BODY_BYTES_MAX) return;
      reject(new ServiceError('RequestEntityTooLarge', 'The body is above 16 MiB.', 413));
      request.removeAllListeners('data').resume();
    });
    request.on('end', () => resolve(Buffer.concat(pieces)));
    request.on('error', reject);
  });
}

const SIGNATURE_ERRORS: Record<SignatureFault, string> = {
  missing: 'MissingAuthenticationTokenException',
  malformed: 'IncompleteSignatureException',
  'unknown-key': 'UnrecognizedClientException',
  skewed: 'InvalidSignatureException',
  expired: 'InvalidSignatureException',
  'unsigned-header': 'InvalidSignatureException',
  mismatch: 'InvalidSignatureException',
};
