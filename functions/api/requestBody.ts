/** Reading a request's JSON body, with answers that say what is wrong with it and where. */
import { MAX_BODY_BYTES, MAX_ROW_DEPTH } from '../../shared/limits.ts';
import { Problem } from '../../shared/problems.ts';
import { findJsonFault, jsonDepth } from './jsonText.ts';

/** A row, inside the list of rows, inside the body. */
const MAX_JSON_DEPTH = MAX_ROW_DEPTH + 2;

/**
 * The body as JSON, or undefined when there is none.
 * @throws Problem PAYLOAD_TOO_LARGE, VALIDATION_ERROR (another content type, text that is not UTF-8,
 *   not JSON, or nested too deep)
 */
export async function readJsonBody(request: Request): Promise<unknown> {
  const bytes = new Uint8Array(await request.arrayBuffer());
  if (bytes.length === 0) return undefined;
  if (bytes.length > MAX_BODY_BYTES) {
    throw new Problem(
      'PAYLOAD_TOO_LARGE',
      `The body has ${bytes.length} bytes; at most ${MAX_BODY_BYTES} are taken. Upload many rows as a data source instead.`,
    );
  }
  requireJson(request.headers.get('content-type'));
  return parseJson(decode(bytes));
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

function notValid(detail: string, cause?: unknown): Problem {
  return new Problem('VALIDATION_ERROR', detail, { errors: [{ pointer: '', detail }], cause });
}
