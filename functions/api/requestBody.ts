/** Reading a request's JSON body, with answers that say what is wrong with it and where. */
import type { RequestBody } from '../../shared/api/route.ts';
import type { CallbackBody } from '../../shared/callbacks/callbackBodies.ts';
import { changingNumbers, keepDigits } from '../../shared/dataSources/jsonNumbers.ts';
import {
  HAS_CHANGING_NUMBER,
  HAS_RESERVED_NAME,
  isReservedName,
} from '../../shared/dataSources/rowShape.ts';
import type { Finding } from '../../shared/dataSources/sourceFault.ts';
import { MAX_BODY_BYTES, MAX_ROW_DEPTH } from '../../shared/limits.ts';
import { Problem } from '../../shared/problems.ts';
import { fieldSpan, findJsonFault, jsonDepth, jsonPath } from './jsonText.ts';
import { toPointer } from './validation.ts';

/** A row, inside the list of rows, inside the body. */
const MAX_JSON_DEPTH = MAX_ROW_DEPTH + 2;

/**
 * The body as JSON, or undefined when there is none.
 * @param rows name of the field that holds rows, where there is one
 * @throws Problem PAYLOAD_TOO_LARGE, VALIDATION_ERROR (another content type, text that is not UTF-8,
 *   not JSON, nested too deep, or with what a value of it cannot keep; DATA_INVALID where that is a row's)
 */
export async function readJsonBody(
  request: Request,
  { rows }: Pick<RequestBody, 'rows'> = {},
): Promise<unknown> {
  const bytes = await readBytes(request, 'Upload many rows as a data source instead.');
  if (bytes.length === 0) return undefined;
  requireJson(request.headers.get('content-type'));
  const text = decode(bytes);
  const value = withDigits(text, parseJson(text), rows);
  refuseReservedNames(text, value, rows);
  return value;
}

/**
 * The body as it came, of whatever type.
 * @throws Problem PAYLOAD_TOO_LARGE
 */
export const readBytesBody = async (request: Request): Promise<CallbackBody> => ({
  contentType: request.headers.get('content-type') ?? '',
  bytes: await readBytes(request, 'Send a URL that the file can be fetched from instead.'),
});

/** @param advice what to do with more than is taken */
async function readBytes(request: Request, advice: string): Promise<Uint8Array> {
  const bytes = new Uint8Array(await request.arrayBuffer());
  if (bytes.length <= MAX_BODY_BYTES) return bytes;
  throw new Problem(
    'PAYLOAD_TOO_LARGE',
    `The body has ${bytes.length} bytes; at most ${MAX_BODY_BYTES} are taken. ${advice}`,
  );
}

/**
 * The value with those numbers of rows as texts that a number does not keep, as in files.
 * @throws Problem for one elsewhere, or with an exponent
 */
function withDigits(text: string, value: unknown, rows: string | undefined): unknown {
  const numbers = [...changingNumbers(text)];
  if (numbers.length === 0) return value;
  const span = rows === undefined ? undefined : fieldSpan(text, rows);
  const lost = numbers.find(
    ({ start, end, hasExponent }) => hasExponent || !span || start < span.start || end > span.end,
  );
  if (lost) throw lossy(jsonPath(text, lost.start), HAS_CHANGING_NUMBER, rows);
  return parseJson(keepDigits(text, numbers));
}

function requireJson(contentType: string | null): void {
  const [mediaType = ''] = (contentType ?? '').split(';');
  if (mediaType.trim().toLowerCase() === 'application/json') return;
  throw notValid('Send the body as JSON, with the header Content-Type: application/json.');
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw notValid('The body is not UTF-8 text. Send it encoded as UTF-8.', cause);
  }
}

function parseJson(text: string): unknown {
  if (jsonDepth(text) > MAX_JSON_DEPTH) {
    throw notValid(`The body is nested too deep; at most ${MAX_JSON_DEPTH} levels are taken.`);
  }
  try {
    return JSON.parse(text);
  } catch {
    // The cause is left out on purpose: its message quotes the body.
    const { line, column, fault } = findJsonFault(text);
    throw notValid(`The body is not JSON: line ${line}, column ${column} ${fault}.`);
  }
}

/** Refuses fields that would not arrive: schemas see only what JSON.parse makes of them. */
function refuseReservedNames(text: string, value: unknown, rows: string | undefined): void {
  // Only a name that is spelt out, or by escapes, can be there.
  if (!text.includes('__proto__') && !text.includes('\\u')) return;
  const reserved = findReservedName(value);
  if (reserved) throw lossy(reserved, HAS_RESERVED_NAME, rows);
}

/** @param fault the end of a sentence about what is at the path, or about its row */
function lossy(path: readonly PropertyKey[], fault: Finding, rows: string | undefined): Problem {
  const pointer = toPointer(path);
  const [field, index] = path;
  if (field === rows && typeof index === 'number') {
    const detail = `Row ${index + 1} ${fault.detail}`;
    return new Problem('DATA_INVALID', detail, {
      errors: [{ code: fault.code, pointer, detail }],
    });
  }
  const detail = `The body ${fault.detail}`;
  return new Problem('VALIDATION_ERROR', detail, { errors: [{ pointer, detail }] });
}

/** The path of a field whose name schemas would drop in silence. */
function findReservedName(value: unknown): PropertyKey[] | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const entries: Iterable<[PropertyKey, unknown]> = Array.isArray(value)
    ? value.entries()
    : Object.entries(value);
  for (const [name, inner] of entries) {
    if (typeof name === 'string' && isReservedName(name)) return [name];
    const path = findReservedName(inner);
    if (path) return [name, ...path];
  }
  return undefined;
}

function notValid(detail: string, cause?: unknown): Problem {
  return new Problem('VALIDATION_ERROR', detail, { errors: [{ pointer: '', detail }], cause });
}
