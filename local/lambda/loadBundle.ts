/**
 * Loads a function's bundle as `require` does, and keeps the code that V8 compiled from it beside it: the
 * next instance has nothing to compile, which is two thirds of a cold start
 * (docs/adr/0047-two-passes-and-a-code-cache.md).
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import Module, { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { threadId } from 'node:worker_threads';
import { Script } from 'node:vm';
import { crc32 } from 'node:zlib';

export interface LoadedBundle {
  /** What the bundle exports. */
  readonly exports: Readonly<Record<string, unknown>>;
  /**
   * Keeps the compiled code for the next instance, unless that was there before. Called after each event
   * that was answered, as V8 compiles a function when it is first called: it is kept with the first and
   * once more with the KEPT_AGAIN_AT-th, since a function of many routes has not seen much by the first.
   */
  keepCode(): void;
}

const KEPT_AGAIN_AT = 8;

/** The parameters of a CommonJS module. */
const WRAPPER = [
  Buffer.from('(function (exports, require, module, __filename, __dirname) {'),
  Buffer.from('\n})'),
] as const;

type Wrapper = (
  exports: unknown,
  require: NodeJS.Require,
  module: unknown,
  filename: string,
  folder: string,
) => void;

/** Code that another version of V8 compiled is of no use. */
const codePath = (path: string) => `${path}.${process.versions.v8}-${process.arch}.code`;

/** @throws whatever the bundle throws while it loads */
export function loadBundle(path: string): LoadedBundle {
  const source = readFileSync(path);
  const checksum = crc32(source);
  const cachedData = readCode(path, checksum);
  // Of bytes joined before they become text: V8 keeps a script's text, and twice would be 2 MB more.
  const text = Buffer.concat([WRAPPER[0], source, WRAPPER[1]]).toString('utf8');
  const script = new Script(text, {
    filename: path,
    columnOffset: -WRAPPER[0].length,
    ...(cachedData && { cachedData }),
  });
  const module = { exports: {} };
  const wrapper = script.runInThisContext() as Wrapper;
  try {
    wrapper(module.exports, createRequire(path), module, path, dirname(path));
  } finally {
    // Not before: a library that looks at a stack while it loads would have the map read, which takes
    // a tenth of the start.
    registerSourceMap(path, source);
  }
  const wasKept = cachedData !== undefined && script.cachedDataRejected === false;
  let events = 0;
  return {
    exports: module.exports,
    keepCode() {
      events++;
      if (wasKept || (events !== 1 && events !== KEPT_AGAIN_AT)) return;
      writeCode(path, checksum, script.createCachedData());
    },
  };
}

/** Two checksums come first, since V8 compares no more than the source's length. */
const HEADER_BYTES = 8;

/** @param checksum of the source that it was compiled from */
function readCode(path: string, checksum: number): Buffer | undefined {
  try {
    const file = readFileSync(codePath(path));
    const code = file.subarray(HEADER_BYTES);
    const isWhole = file.readUInt32LE(0) === checksum && file.readUInt32LE(4) === crc32(code);
    return isWhole ? code : undefined;
  } catch {
    return undefined; // There is none yet, or not even a header.
  }
}

function writeCode(path: string, checksum: number, code: Buffer): void {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32LE(checksum, 0);
  header.writeUInt32LE(crc32(code), 4);
  // Another instance may do the same at the same moment, in this process or in another.
  const draft = `${codePath(path)}.${process.pid}-${threadId}`;
  try {
    writeFileSync(draft, Buffer.concat([header, code]));
    renameSync(draft, codePath(path));
  } catch {
    // A folder that cannot be written to: everything works without.
  }
}

/** Of the line that names the map of a bundle. */
const MAX_COMMENT_BYTES = 4096;

/** A module's own method; nothing else makes Node.js read the map of a script. */
interface Compiling {
  _compile(text: string, filename: string): void;
}

/** Kept, as Node.js forgets the map with the module. */
const mapped = new Set<unknown>();

/** Lets stacks name the sources, where NODE_OPTIONS asks for it. */
function registerSourceMap(path: string, source: Buffer): void {
  const comment = /\n(\/\/# sourceMappingURL=[^\n]+)\s*$/.exec(
    source.toString('latin1', Math.max(0, source.length - MAX_COMMENT_BYTES)),
  )?.[1];
  if (comment === undefined) return;
  const module = new Module(path) as Module & Compiling;
  module._compile(comment, path);
  mapped.add(module);
}
