/** Errors as S3 answers them (S3 API Reference, "Error responses"). */
import type { SignatureFault } from '../iam/signing.ts';

/** Error codes that the engine answers with, each with its HTTP status. */
const STATUSES = {
  AccessDenied: 403,
  AccessForbidden: 403,
  AuthorizationHeaderMalformed: 400,
  BadDigest: 400,
  EntityTooLarge: 400,
  EntityTooSmall: 400,
  IncompleteBody: 400,
  InternalError: 500,
  InvalidAccessKeyId: 403,
  InvalidArgument: 400,
  InvalidDigest: 400,
  InvalidPart: 400,
  InvalidPartOrder: 400,
  InvalidRange: 416,
  InvalidRequest: 400,
  InvalidURI: 400,
  KeyTooLongError: 400,
  MalformedXML: 400,
  MethodNotAllowed: 405,
  MissingContentLength: 411,
  NoSuchBucket: 404,
  NoSuchKey: 404,
  NoSuchUpload: 404,
  NotImplemented: 501,
  NotModified: 304,
  PreconditionFailed: 412,
  RequestTimeTooSkewed: 403,
  SignatureDoesNotMatch: 403,
  XAmzContentSHA256Mismatch: 400,
} as const;

export type S3ErrorCode = keyof typeof STATUSES;

export class S3Error extends Error {
  readonly code: S3ErrorCode;
  readonly status: number;
  /** Headers that the answer carries beyond its body. */
  readonly headers: Readonly<Record<string, string>>;
  constructor(code: S3ErrorCode, message: string, headers: Record<string, string> = {}) {
    super(message);
    this.name = code;
    this.code = code;
    this.status = STATUSES[code];
    this.headers = headers;
  }
}

/** S3's names for what can be wrong with a signature. */
export const SIGNATURE_CODES: Record<SignatureFault, S3ErrorCode> = {
  missing: 'AccessDenied',
  malformed: 'AuthorizationHeaderMalformed',
  'unknown-key': 'InvalidAccessKeyId',
  skewed: 'RequestTimeTooSkewed',
  expired: 'AccessDenied',
  'unsigned-header': 'AccessDenied',
  mismatch: 'SignatureDoesNotMatch',
};
