/**
 * The build of the engines: what was tried with one build need not be tried again by another process of
 * the same.
 */

/** Put in place by the bundler (infra/functions/passes.ts): a hash of the sources. */
declare const SHEAF_ENGINE_BUILD: string | undefined;

/** Undefined where the sources run without having been bundled: then everything is tried. */
export const ENGINE_BUILD = typeof SHEAF_ENGINE_BUILD === 'string' ? SHEAF_ENGINE_BUILD : undefined;
