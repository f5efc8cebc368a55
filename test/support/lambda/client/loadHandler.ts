/** Finds the function that a handler string such as `index.handler` names, as Lambda's runtime client does. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';
import { STREAMING, type ResponseStream } from './responseStream.ts';
import { runtimeError } from './runtimeErrors.ts';

export type Handler =
  | { readonly streams: false; readonly run: (event: unknown, context: object) => unknown }
  | {
      readonly streams: true;
      readonly run: (event: unknown, stream: ResponseStream, context: object) => unknown;
    };

/** In this order. */
const EXTENSIONS = ['', '.js', '.mjs', '.cjs'];

/** From so many parameters on, the third is a callback, which Node.js 24 in Lambda has no more. */
const CALLBACK_PARAMETERS = 3;

/**
 * @param root the folder of the function's code
 * @throws Error with the name by which Lambda tells why a function cannot be loaded, or what its module threw
 */
export async function loadHandler(root: string, handler: string): Promise<Handler> {
  const [, moduleName, path] = /^([^.]*)\.(.*)$/.exec(basename(handler)) ?? [];
  if (handler.includes('..') || moduleName === undefined || path === undefined) {
    throw runtimeError('Runtime.MalformedHandlerName', `'${handler}' is not a valid handler name.`);
  }
  const module = await loadModule(root, dirname(handler), moduleName);
  const found = find(module, path) ?? find(find(module, 'default'), path);
  if (typeof found !== 'function') {
    throw runtimeError('Runtime.HandlerNotFound', `${handler} is undefined or not exported`);
  }
  if (STREAMING in found) return { streams: true, run: found as never };
  if (found.length >= CALLBACK_PARAMETERS) {
    const message = 'Handlers with a callback are not supported from Node.js 24 on.';
    throw runtimeError('Runtime.CallbackHandlerDeprecated', message);
  }
  return { streams: false, run: found as never };
}

async function loadModule(root: string, folder: string, name: string): Promise<unknown> {
  const path = resolve(root, folder, name);
  try {
    for (const extension of EXTENSIONS) {
      if (existsSync(path + extension)) return (await import(path + extension)) as unknown;
    }
    const require = createRequire(import.meta.url);
    return require(require.resolve(name, { paths: [root, join(root, folder)] })) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) {
      throw runtimeError('Runtime.UserCodeSyntaxError', String(error));
    }
    if (error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND') {
      throw runtimeError('Runtime.ImportModuleError', String(error));
    }
    throw error;
  }
}

/** What a path of names leads to. */
function find(from: unknown, path: string): unknown {
  let found = from;
  for (const name of path.split('.')) {
    if (typeof found !== 'object' || found === null) return undefined;
    found = (found as Record<string, unknown>)[name];
  }
  return found;
}
