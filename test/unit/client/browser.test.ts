/** The client as a browser gets it: one file, with nothing of Node in it. */
import { createContext, runInContext } from 'node:vm';
import { build } from 'esbuild';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
/** The present size and a third; zod is most of it. */
const MAX_KIB = 220;

const bundle = () =>
  build({
    stdin: {
      contents: `
        export { createClient } from './client/client.ts';
        export { followTask } from './client/followTask.ts';
        export { ApiError } from './client/errors.ts';
      `,
      resolveDir: ROOT,
      loader: 'ts',
    },
    bundle: true,
    write: false,
    minify: true,
    metafile: true,
    platform: 'browser',
    format: 'iife',
    globalName: 'sheaf',
    target: 'es2022',
    logLevel: 'silent',
  });

it('bundles for browsers without anything of Node', async () => {
  // For this platform esbuild refuses what Node has built in.
  const { metafile, outputFiles } = await bundle();
  const inputs = Object.entries(metafile.inputs);
  const imported = inputs.flatMap(([, { imports }]) => imports.filter(({ external }) => external));
  expect(imported).toEqual([]);
  const ours = inputs.map(([path]) => path).filter((path) => /^(client|shared)\//.test(path));
  expect(ours).toContain('client/client.ts');
  expect(
    ours.filter(
      (path) =>
        !/^(client|shared\/(api|schemas)\/|shared\/[a-zA-Z]+\.ts|shared\/tasks\/lifeCycle)/.test(
          path,
        ),
    ),
  ).toEqual([]);
  expect(Math.round((outputFiles[0]?.contents.length ?? 0) / 1024)).toBeLessThanOrEqual(MAX_KIB);
});

it('works with what browsers have, and nothing else', async () => {
  const { outputFiles } = await bundle();
  const asked: string[] = [];
  const context = createContext({
    fetch: async (url: string) => {
      asked.push(url);
      return new Response('{"data":{"status":"ok","version":"1"}}');
    },
    performance,
    setTimeout,
    clearTimeout,
    AbortController,
    AbortSignal,
    DOMException,
    TextEncoder,
    URL,
    URLSearchParams,
    Response,
    Headers,
  });
  const code = `${outputFiles[0]?.text}; sheaf.createClient({ apiUrl: 'https://a/api/v2' }).getHealth()`;
  expect(await runInContext(code, context)).toEqual({ status: 'ok', version: '1' });
  expect(asked).toEqual(['https://a/api/v2/health']);
});
