/**
 * The console at the HTTP port, with the headers that CloudFront gives it. It has no path of the API's: those
 * begin with the base path.
 */
import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join, relative, sep } from 'node:path';
import { CONFIG, configOf, headersOfFile, PAGE } from '../../shared/console/consoleFiles.ts';
import { withSources } from '../../shared/console/contentPolicy.ts';
import type { Beside } from '../apiGateway/http/httpGateway.ts';
import type { ConsoleDefinition } from '../cloudFormation/consoleDefinition.ts';
import type { LocalAddresses } from '../lambda/environment.ts';
import { isLoopbackHost } from '../net/loopbackHost.ts';

const POLICY = 'content-security-policy';

/** @param addressesOf known once the servers listen */
export function createConsoleServer(
  { folder, headers }: ConsoleDefinition,
  addressesOf: () => LocalAddresses,
): Beside {
  const paths = new Set([CONFIG, ...filesBelow(folder)]);
  const pathOf = (target: string) => {
    const path = target.replace(/[?#].*$/s, '').slice(1);
    return path === '' ? PAGE : path;
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!isLoopbackHost(request.headers.host)) {
      response.writeHead(403).end();
      return;
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD' }).end();
      return;
    }
    const path = pathOf(request.url ?? '/');
    const { apiUrl } = addressesOf();
    const bytes =
      path === CONFIG ? Buffer.from(configOf(apiUrl)) : await readFile(join(folder, path));
    const { contentType, cacheControl } = headersOfFile(path);
    response.writeHead(200, {
      ...headers,
      [POLICY]: withSources(headers[POLICY] ?? '', sourcesOf(addressesOf())),
      'content-type': contentType,
      'cache-control': cacheControl,
      'content-length': bytes.length,
    });
    response.end(request.method === 'HEAD' ? undefined : bytes);
  }

  return {
    serves: (target) => paths.has(pathOf(target)),
    handle(request, response) {
      answer(request, response).catch(() => {
        // build/ was removed: the next start makes it again.
        if (response.headersSent) response.destroy();
        else response.writeHead(500, { 'content-type': 'text/plain' }).end('Start Sheaf again.\n');
      });
    },
  };
}

/** The page may be asked for by either name of this machine. */
function sourcesOf({ apiUrl, websocketUrl, eventsUrl, servicesUrl }: LocalAddresses): string[] {
  return [
    ...new Set([apiUrl, websocketUrl, eventsUrl, servicesUrl].map((url) => new URL(url).origin)),
  ];
}

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => relative(folder, join(parentPath, name)).split(sep).join('/'));
