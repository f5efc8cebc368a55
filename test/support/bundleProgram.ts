/** Programs that tests start as processes of their own. */
import { buildSync } from 'esbuild';

/**
 * Bundles a program of TypeScript: a loader in its process would take time and memory of its own.
 * @param source below the project's root
 * @param program where the bundle is written to
 */
export function bundleProgram(source: string, program: string): void {
  buildSync({
    entryPoints: [source],
    outfile: program,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    logLevel: 'silent',
  });
}
