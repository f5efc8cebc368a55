/**
 * Which URLs requests to others may be sent to. What can be told from the URL alone is told here, when it
 * is given; the addresses that its name leads to are judged by whoever connects, each time, because a name
 * may lead elsewhere the next time.
 */
import { MAX_TARGET_URL_CHARACTERS } from '../limits.ts';
import { isLoopback, whyRefused, type EgressRules } from './addresses.ts';
import { isListed } from './hosts.ts';
import { parseAddress } from './parseAddress.ts';

export type Target = { readonly url: URL } | { readonly fault: string };

/** Ports below are those of mail, remote shells and other old services; https has one of them. */
const FIRST_OPEN_PORT = 1024;
const HTTPS_PORT = 443;

/** Ends of names that lead nowhere but into a network of somebody's own (RFC 6761, 6762, 8375, 9476). */
const INNER_DOMAINS = [
  'localhost',
  'localdomain',
  'local',
  'internal',
  'intranet',
  'lan',
  'home.arpa',
  'private',
  'corp',
];

const fault = (text: string): Target => ({ fault: text });

/**
 * A URL, if requests may be sent to it.
 * @returns the URL; or what is wrong and what to do, in sentences
 */
export function readTarget(text: string, rules: EgressRules): Target {
  if (text.length > MAX_TARGET_URL_CHARACTERS) {
    return fault(
      `The URL has ${text.length} characters; at most ${MAX_TARGET_URL_CHARACTERS} are taken. Use a shorter one.`,
    );
  }
  if (!URL.canParse(text)) {
    return fault('That is no URL. Write it out, such as https://example.org/hooks.');
  }
  // WHATWG URL writes every notation of an IPv4 address (octal, hexadecimal, one number) with four numbers.
  const url = new URL(text);
  const host = hostOf(url);
  const here = rules.allowLoopback && isThisMachine(host);
  if (url.protocol !== 'https:' && !(here && url.protocol === 'http:')) {
    return fault('Only https URLs are taken. Use one that begins with https://.');
  }
  if (url.username !== '' || url.password !== '') {
    return fault(
      'The URL holds a user name or a password. Leave them out; requests are known by their signature.',
    );
  }
  const port = url.port === '' ? HTTPS_PORT : Number(url.port);
  if (!here && port !== HTTPS_PORT && port < FIRST_OPEN_PORT) {
    return fault(
      `The port ${port} is not taken. Use ${HTTPS_PORT}, or one from ${FIRST_OPEN_PORT} on.`,
    );
  }
  const refused = here ? undefined : whyHostRefused(host, rules);
  if (refused !== undefined) {
    return fault(`The host ${refused}. Use one that is reachable from the internet.`);
  }
  if (rules.hosts && !isListed(host, rules.hosts)) {
    return fault(
      'The host is none of those that this installation calls. Use one of them, or ask its operator for this one.',
    );
  }
  return { url };
}

/** Without the brackets of IPv6, and without the dot that may end a name. */
export const hostOf = ({ hostname }: URL): string =>
  hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');

const isThisMachine = (host: string) =>
  host === 'localhost' || host.endsWith('.localhost') || isLoopback(host);

function whyHostRefused(host: string, rules: EgressRules): string | undefined {
  if (host.includes(':') || parseAddress(host)) return whyRefused(host, rules);
  if (!host.includes('.')) return 'has no domain, so it is one of an inner network';
  const inner = INNER_DOMAINS.some((domain) => host.endsWith(`.${domain}`));
  return inner ? 'is one of an inner network' : undefined;
}
