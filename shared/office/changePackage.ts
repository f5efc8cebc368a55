/** Changes an opened package: its parts as they are in the ZIP, and their XML, stay of one mind. */
import { deflated } from '../zip/deflatedEntry.ts';
import type { ZipEntry } from '../zip/reader.ts';

/** Parts in the order of the ZIP, and the content of those that are XML, in UTF-8. */
export interface PackageParts {
  readonly parts: readonly ZipEntry[];
  readonly xml: ReadonlyMap<string, Uint8Array>;
}

const NONE: ReadonlySet<string> = new Set();

/** The package with other content in some XML parts, and without others. */
export function withParts<P extends PackageParts>(
  before: P,
  changed: ReadonlyMap<string, string | Uint8Array>,
  removed: ReadonlySet<string> = NONE,
): P {
  if (changed.size === 0 && removed.size === 0) return before;
  const contents = new Map(
    Array.from(changed, ([name, content]) => [
      name,
      typeof content === 'string' ? new TextEncoder().encode(content) : content,
    ]),
  );
  const isKept = (name: string) => !removed.has(name);
  return {
    ...before,
    parts: before.parts
      .filter(({ name }) => isKept(name))
      .map((part) => {
        const content = contents.get(part.name);
        return content ? deflated(part.name, content) : part;
      }),
    xml: new Map(
      Array.from(before.xml, ([name, content]): [string, Uint8Array] => [
        name,
        contents.get(name) ?? content,
      ]).filter(([name]) => isKept(name)),
    ),
  };
}
