/** What a connection may be: where it leads, and what is sent with each call. */
import {
  HEADER_NAME,
  HEADER_VALUE,
  MAX_HEADER_CHARACTERS,
  OWN_HEADERS,
  SECRET_NAME,
} from '../headers.ts';
import { readTarget } from '../egress/targets.ts';
import { pointerStep } from '../jsonPointer.ts';
import {
  MAX_CONNECTION_HEADER_CHARACTERS,
  MAX_CONNECTION_HEADERS,
  MAX_LISTED_PROBLEMS,
} from '../limits.ts';
import type { Ports } from '../ports.ts';
import { Problem, type ProblemDetail } from '../problems.ts';
import type { CreateConnection } from '../schemas/serviceConnectionApi.ts';

type Field = 'headers' | 'secretHeaders';

/** A connection's part of a request, as it is stored; names of headers are in lower case. */
export interface Endpoint {
  readonly baseUrl: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly secretHeaders: Readonly<Record<string, string>>;
}

/**
 * Judges where a connection leads to and what is sent there.
 * @throws Problem VALIDATION_ERROR with every fault; it quotes no value of a header
 */
export function requireEndpoint(
  { serviceEgress }: Pick<Ports, 'serviceEgress'>,
  { baseUrl, headers = {}, secretHeaders = {} }: CreateConnection,
): Endpoint {
  const url = readBaseUrl(baseUrl, serviceEgress);
  const taken = new Set<string>();
  const faults: ProblemDetail[] = [
    ...('fault' in url ? [{ pointer: '/baseUrl', detail: url.fault }] : []),
    ...headerFaults('headers', headers, taken),
    ...headerFaults('secretHeaders', secretHeaders, taken),
    ...sizeFaults({ ...headers, ...secretHeaders }),
  ];
  const [first] = faults;
  if (first === undefined && 'href' in url) {
    return {
      baseUrl: url.href,
      headers: inLowerCase(headers),
      secretHeaders: inLowerCase(secretHeaders),
    };
  }
  throw new Problem('VALIDATION_ERROR', first?.detail ?? 'The connection is not valid.', {
    errors: faults.slice(0, MAX_LISTED_PROBLEMS),
  });
}

function readBaseUrl(
  text: string,
  rules: Ports['serviceEgress'],
): { readonly href: string } | { readonly fault: string } {
  if (URL.canParse(text)) {
    const { username, password } = new URL(text);
    if (username !== '' || password !== '') {
      return { fault: 'The URL holds a user name or a password. Send them in secretHeaders.' };
    }
  }
  // Not by the URL's own parts, which are empty also behind a ? or # that has nothing after it.
  if (/[?#]/.test(text)) {
    return { fault: 'The URL has a query or a fragment. Write them in the URLs of row steps.' };
  }
  const target = readTarget(text, rules);
  return 'fault' in target ? target : { href: target.url.href };
}

/** @param taken names that were there before, in lower case; gets those of these headers */
function headerFaults(
  field: Field,
  headers: Readonly<Record<string, string>>,
  taken: Set<string>,
): ProblemDetail[] {
  return Object.entries(headers).flatMap(([name, value]) => {
    const lower = name.toLowerCase();
    // What is no name may be a value that stands in the wrong place.
    if (!HEADER_NAME.test(name)) return { pointer: `/${field}`, detail: NO_NAME };
    const pointer = `/${field}/${pointerStep(name)}`;
    const detail = nameFault(field, name, taken.has(lower)) ?? valueFault(name, value);
    taken.add(lower);
    return detail === undefined ? [] : { pointer, detail };
  });
}

const NO_NAME =
  'One of the names is none that a header can have. Use letters, digits and hyphens, at most 100.';

function nameFault(field: Field, name: string, isTaken: boolean): string | undefined {
  if (OWN_HEADERS.has(name.toLowerCase())) {
    return `The header ${name} is set for each call. Leave it out.`;
  }
  if (isTaken) return `The header ${name} is there twice; upper and lower case are the same.`;
  if (field === 'headers' && SECRET_NAME.test(name)) {
    return `The header ${name} holds a secret by its name, and headers are shown. Give it in secretHeaders.`;
  }
  return undefined;
}

function valueFault(name: string, value: string): string | undefined {
  if (value === '') return `The header ${name} is empty. Leave it out.`;
  if (value.length > MAX_HEADER_CHARACTERS) {
    return `The header ${name} has ${value.length} characters; at most ${MAX_HEADER_CHARACTERS} are taken.`;
  }
  if (!HEADER_VALUE.test(value)) {
    return `What is given for the header ${name} cannot be part of one: it has a line break, or letters that are not Latin. Look at how it was copied.`;
  }
  return value.trim() === value
    ? undefined
    : `What is given for the header ${name} begins or ends with a blank, which servers drop. Remove it.`;
}

function sizeFaults(headers: Readonly<Record<string, string>>): ProblemDetail[] {
  const entries = Object.entries(headers);
  if (entries.length > MAX_CONNECTION_HEADERS) {
    const detail = `There are ${entries.length} headers; at most ${MAX_CONNECTION_HEADERS} are taken.`;
    return [{ pointer: '/headers', detail }];
  }
  const characters = entries.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  if (characters <= MAX_CONNECTION_HEADER_CHARACTERS) return [];
  const detail = `The headers have ${characters} characters, their names among them; at most ${MAX_CONNECTION_HEADER_CHARACTERS} are taken.`;
  return [{ pointer: '/headers', detail }];
}

const inLowerCase = (headers: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
