/**
 * Which addresses of the internet protocol requests to others may go to: public ones. Judged by its number,
 * however it is written; whatever is not understood is refused.
 *
 * Source: IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890), IPv6 Address Space registry.
 */
import { parseAddress, type Address } from './parseAddress.ts';

export interface EgressRules {
  /** Also addresses of the machine itself, and http to them: for trying things on one machine. */
  readonly allowLoopback: boolean;
  /** Hosts that alone are called (hosts.ts); absent: any that these rules let through. */
  readonly hosts?: readonly string[] | undefined;
}

/** What an address that is refused is, as part of a sentence: "127.0.0.1 is …". */
type Kind = string;

interface Range {
  readonly first: bigint;
  readonly prefix: number;
  readonly kind: Kind;
}

const LOOPBACK = 'an address of the machine itself';
const PRIVATE = 'a private address';
const LINK_LOCAL = 'a link-local address, where clouds keep their metadata';
const SHARED = 'an address shared within a provider’s network';
const MULTICAST = 'a multicast address';
const SPECIAL = 'a reserved address';
const EMBEDDED = 'an IPv6 address that stands for an IPv4 one';

/** Everything that is not listed is public. */
const IPV4_REFUSED = ranges({
  '0.0.0.0/8': 'an address of this network',
  '10.0.0.0/8': PRIVATE,
  '100.64.0.0/10': SHARED,
  '127.0.0.0/8': LOOPBACK,
  '169.254.0.0/16': LINK_LOCAL,
  '172.16.0.0/12': PRIVATE,
  '192.0.0.0/24': SPECIAL,
  '192.0.2.0/24': SPECIAL,
  '192.31.196.0/24': SPECIAL,
  '192.52.193.0/24': SPECIAL,
  '192.88.99.0/24': SPECIAL,
  '192.168.0.0/16': PRIVATE,
  '192.175.48.0/24': SPECIAL,
  '198.18.0.0/15': SPECIAL,
  '198.51.100.0/24': SPECIAL,
  '203.0.113.0/24': SPECIAL,
  '224.0.0.0/4': MULTICAST,
  '240.0.0.0/4': SPECIAL,
});

/** Names for what is refused anyway, because it is not within 2000::/3. */
const IPV6_NAMED = ranges({
  '::/128': 'the unspecified address',
  '::1/128': LOOPBACK,
  '::/96': EMBEDDED,
  '::ffff:0:0:0/96': EMBEDDED,
  '64:ff9b::/96': EMBEDDED,
  '64:ff9b:1::/48': EMBEDDED,
  'fc00::/7': PRIVATE,
  'fe80::/10': LINK_LOCAL,
  'fec0::/10': PRIVATE,
  'ff00::/8': MULTICAST,
});

/** Of 2000::/3, which alone is given out as public. */
const IPV6_REFUSED = ranges({
  '2001::/23': EMBEDDED,
  '2001:db8::/32': SPECIAL,
  '2002::/16': EMBEDDED,
  '2620:4f:8000::/48': SPECIAL,
  '3fff::/20': SPECIAL,
});

const [GLOBAL_UNICAST] = ranges({ '2000::/3': 'public' });
const [MAPPED] = ranges({ '::ffff:0:0/96': EMBEDDED });

function ranges(kinds: Readonly<Record<string, Kind>>): Range[] {
  return Object.entries(kinds).map(([text, kind]) => {
    const [address = '', prefix] = text.split('/');
    const first = parseAddress(address);
    if (!first) throw new Error(`${address} is no address.`);
    return { first: first.value, prefix: Number(prefix), kind };
  });
}

const contains = ({ first, prefix }: Range, { bits, value }: Address): boolean => {
  const rest = BigInt(bits - prefix);
  return value >> rest === first >> rest;
};

/** What an address is, when it is not public. */
function kindOf(address: Address): Kind | undefined {
  if (address.bits === 32) return IPV4_REFUSED.find((range) => contains(range, address))?.kind;
  // ::ffff:127.0.0.1 reaches what 127.0.0.1 does.
  if (MAPPED && contains(MAPPED, address)) {
    return kindOf({ bits: 32, value: address.value & 0xffff_ffffn });
  }
  if (GLOBAL_UNICAST && contains(GLOBAL_UNICAST, address)) {
    return IPV6_REFUSED.find((range) => contains(range, address))?.kind;
  }
  return IPV6_NAMED.find((range) => contains(range, address))?.kind ?? SPECIAL;
}

/** Why no request may go to an address, as the end of a sentence; undefined when one may. */
export function whyRefused(text: string, { allowLoopback }: EgressRules): string | undefined {
  const address = parseAddress(text);
  if (!address) return 'is no address that is understood';
  const kind = kindOf(address);
  if (kind === undefined || (allowLoopback && kind === LOOPBACK)) return undefined;
  return `is ${kind}`;
}

/** Whether an address is one of the machine itself. */
export function isLoopback(text: string): boolean {
  const address = parseAddress(text);
  return address !== undefined && kindOf(address) === LOOPBACK;
}
