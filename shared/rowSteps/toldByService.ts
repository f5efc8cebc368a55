/** What a service says of a call that it did not answer, fit to be shown to people. */
import { atPointer } from '../jsonPointer.ts';
import { MAX_TOLD_CHARACTERS } from '../limits.ts';
import type { WholeAnswer } from './response.ts';

/** Where services say what is wrong: RFC 9457, and what is common besides. */
const PLACES = ['/error/message', '/detail', '/message', '/error', '/title'] as const;

/** Controls, and characters that turn the direction of what is around them. */
const LINES = /\p{Cc}+/gu;
const UNSHOWN = /[\p{Cc}\p{Cf}\p{Surrogate}]+/gu;

function messageOf(json: unknown): string | undefined {
  for (const place of PLACES) {
    const value = atPointer(json, place);
    if (typeof value === 'string' && value.trim() !== '') return value;
  }
  return undefined;
}

/** A piece of a header that is shorter is no secret, and would tear words apart. */
const LEAST_SECRET = 6;

/** Words of the header that are no secret (RFC 9110, 11.1). */
const SCHEMES = /^(?:basic|bearer|digest|apikey|token)$/i;

/** Headers as they are sent, and whatever of them a service may repeat by itself; the longest first. */
function secretsIn(headers: readonly string[]): string[] {
  const pieces = headers.flatMap((header) => {
    const words = header.split(/[\s,;=]+/);
    const decoded = words.map((word) => Buffer.from(word, 'base64').toString('latin1'));
    return [header, ...words, ...decoded, ...decoded.flatMap((pair) => pair.split(':'))];
  });
  return [...new Set(pieces)]
    .filter((piece) => piece.length >= LEAST_SECRET && !SCHEMES.test(piece))
    .sort((a, b) => b.length - a.length);
}

/**
 * The service's own words in one line, cut.
 * @param secrets that may come back in them
 * @returns undefined where it says nothing that is for people
 */
export function toldByService(
  { headers, body }: Pick<WholeAnswer, 'headers' | 'body'>,
  secrets: readonly string[],
): string | undefined {
  const text = new TextDecoder('utf-8').decode(body);
  const type = headers['content-type'] ?? '';
  let told: string | undefined;
  if (/\bjson\b/i.test(type) || /^\s*[{[]/.test(text)) {
    try {
      const json: unknown = JSON.parse(text);
      told = messageOf(json);
    } catch {
      // It was cut, or is none.
    }
  } else if (/^text\/plain\b/i.test(type)) told = text;
  if (told === undefined) return undefined;
  let line = told.replace(LINES, ' ').replace(UNSHOWN, '').replace(/\s+/g, ' ').trim();
  for (const secret of secretsIn(secrets)) line = line.replaceAll(secret, '…');
  const characters = Array.from(line);
  if (characters.length === 0) return undefined;
  return characters.length > MAX_TOLD_CHARACTERS
    ? `${characters.slice(0, MAX_TOLD_CHARACTERS).join('')}…`
    : line;
}
