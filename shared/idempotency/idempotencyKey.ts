/**
 * The header Idempotency-Key (draft-ietf-httpapi-idempotency-key-header): a string that a client makes up
 * for one creation, and sends again with each repetition of it.
 */
import { MAX_IDEMPOTENCY_KEY_CHARACTERS } from '../limits.ts';
import { Problem } from '../problems.ts';

/** A string of structured fields (RFC 9651, section 3.3.3): in quotes, with \" and \\ in it. */
const QUOTED = /^"((?:[ !#-[\]-~]|\\["\\])*)"$/;
const PRINTABLE = /^[ -~]+$/;

/**
 * The key that a header's value holds. The draft has it in quotes; most clients send it bare. Both are
 * the same key.
 * @throws Problem VALIDATION_ERROR for one that is empty, too long, or of other than printable ASCII
 */
export function parseIdempotencyKey(value: string): string {
  const text = value.trim();
  const quoted = QUOTED.exec(text)?.[1];
  const key = quoted === undefined ? text : quoted.replace(/\\(.)/g, '$1');
  if (key.length === 0) throw malformed('it is empty');
  if (key.length > MAX_IDEMPOTENCY_KEY_CHARACTERS) throw malformed(`it has ${key.length}`);
  if (!PRINTABLE.test(key)) throw malformed('it has others');
  return key;
}

function malformed(found: string): Problem {
  const detail = `The header Idempotency-Key takes 1 to ${MAX_IDEMPOTENCY_KEY_CHARACTERS} characters of printable ASCII; ${found}. Send a UUID, for example.`;
  return new Problem('VALIDATION_ERROR', detail, {
    errors: [{ pointer: '/Idempotency-Key', detail }],
  });
}
