/** Opens the console in a browser, signed in. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Context } from '../../context.ts';

/** So long a browser may take to begin, in ms. */
const PATIENCE_MS = 30_000;

/** For a person where none comes. */
export const NO_BROWSER = 'No browser came up here: open the address in one.';

interface Api {
  readonly apiUrl: string;
  readonly apiKey: string;
}

/** Where the console is: at the root of the API's host. */
export const consoleUrl = ({ apiUrl }: Pick<Api, 'apiUrl'>): string => new URL('/', apiUrl).href;

/** The same, signed in: what is behind the # browsers send to nobody. */
export const signedInUrl = (api: Api): string =>
  `${consoleUrl(api)}#key=${encodeURIComponent(api.apiKey)}`;

/**
 * Opens the console in a browser, which is led there by an address that is good once: the command line of a
 * browser others on this machine can read, and the key is not to stand in it.
 * @returns whether a browser came
 */
export async function openConsole(
  { env, interrupts }: Pick<Context, 'env' | 'interrupts'>,
  api: Api,
): Promise<boolean> {
  const command = browserCommand(env, process.platform);
  if (!command) return false;
  const path = `/${randomBytes(16).toString('hex')}`;
  let onCome: () => void = () => undefined;
  const came = new Promise<boolean>((resolve) => (onCome = () => resolve(true)));
  const server = createServer((request, response) => {
    if (request.url !== path) return void response.writeHead(404).end();
    response
      .writeHead(302, { location: signedInUrl(api), 'cache-control': 'no-store' })
      .end(onCome);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  try {
    const [program, ...args] = command;
    const child = spawn(program, [...args, `http://127.0.0.1:${port}${path}`], {
      stdio: 'ignore',
      detached: true,
    });
    const failed = new Promise<boolean>((resolve) => {
      child.once('error', () => resolve(false));
      child.once('exit', (code) => {
        if (code !== 0) resolve(false);
      });
    });
    child.unref();
    const late = new Promise<boolean>((resolve) => {
      setTimeout(() => resolve(false), PATIENCE_MS).unref();
      interrupts.signal.addEventListener('abort', () => resolve(false), { once: true });
    });
    return await Promise.race([came, failed, late]);
  } finally {
    server.close();
    server.closeIdleConnections();
  }
}

/** How a browser is started here; undefined where there is none. */
export function browserCommand(
  env: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform,
): [program: string, ...args: string[]] | undefined {
  const own = env['BROWSER'];
  if (own !== undefined && own !== '') return own === 'none' ? undefined : [own];
  if (platform === 'darwin') return ['open'];
  if (platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler'];
  const hasScreen = [env['DISPLAY'], env['WAYLAND_DISPLAY'], env['WSL_DISTRO_NAME']].some(
    (value) => value !== undefined && value !== '',
  );
  return hasScreen ? ['xdg-open'] : undefined;
}
