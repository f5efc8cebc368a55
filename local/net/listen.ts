/** Servers on loopback ports. */
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Nothing is reachable from other machines. */
export const LOOPBACK = '127.0.0.1';

/**
 * Listens on a loopback port; 0 takes a free one.
 * @param setting name of the setting that chose the port, for the message when it is taken
 * @returns the port
 */
export async function listen(server: Server, port: number, setting: string): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(explained(error, port, setting));
    });
    server.listen(port, LOOPBACK, resolve);
  });
  return (server.address() as AddressInfo).port;
}

function explained(error: NodeJS.ErrnoException, port: number, setting: string): Error {
  if (error.code === 'EADDRINUSE') {
    return new Error(
      `Port ${port} is taken by another program. Stop that program, or choose another port: ` +
        `${setting}=${port + 100} npm start (0 takes any free one).`,
    );
  }
  if (error.code === 'EACCES') {
    return new Error(`Port ${port} is not for ordinary users. Set ${setting} to one above 1023.`);
  }
  return error;
}

/** Takes no more connections, ends idle ones, and after `graceMs` the others too. */
export async function close(server: Server, graceMs: number): Promise<void> {
  if (!server.listening) return;
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const force = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearTimeout(force);
}
