/** Headers that are sent to servers of others. */

/** RFC 9110, 5.6.2: a token, of a length that every server takes. */
export const HEADER_NAME = /^[!#$%&'*+.^`|~\w-]{1,100}$/;

/** RFC 9110, 5.5: what a field may hold, as far as it survives every server. */
export const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

export const MAX_HEADER_CHARACTERS = 4_000;

/** Headers that say how the message goes, or that are ours to set; in lower case. */
export const OWN_HEADERS: ReadonlySet<string> = new Set(
  'connection content-length expect host idempotency-key keep-alive te trailer transfer-encoding upgrade'.split(
    ' ',
  ),
);

/** Names under which services take keys and passwords. */
export const SECRET_NAME = /(^|[-_])(authorization|cookie|(api)?key|token|secret|password)$/i;
