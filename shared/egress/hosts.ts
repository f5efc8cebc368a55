/** Which hosts an installation calls, as its operator lists them. */

/** A name in ASCII, as URLs have it; `*.` in front stands for every name below it. */
const HOST = /^(\*\.)?[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$/;

/** Any that requests may go to at all. */
export const ANY_HOST = '*';

/**
 * The hosts that a setting lists, separated by commas.
 * @returns undefined for any; or what is wrong, and what to do
 */
export function readHosts(
  text: string,
): { readonly hosts: readonly string[] | undefined } | { readonly fault: string } {
  if (text.trim() === ANY_HOST) return { hosts: undefined };
  const hosts = text.split(',').map((host) => host.trim().toLowerCase());
  if (hosts.every((host) => HOST.test(host))) return { hosts };
  return {
    fault:
      'must be * for any host, or names of hosts such as api.example.com and *.example.com, separated by commas, without scheme, port and path',
  };
}

/** Whether a host, in lower case and without the dot that may end it, is one of those. */
export const isListed = (host: string, hosts: readonly string[]): boolean =>
  hosts.some((listed) =>
    listed.startsWith('*.') ? host.endsWith(listed.slice(1)) : host === listed,
  );
