/** Changes an opened package: its parts as they are in the ZIP, and their XML, stay of one mind. */
import type { WordPackage } from '../office/wordPackage.ts';
import { deflated } from './packageWriter.ts';

/** The package with other content in some parts, and without others. */
export function withParts(
  template: WordPackage,
  changed: ReadonlyMap<string, string>,
  removed: ReadonlySet<string>,
  warnings: readonly string[],
): WordPackage {
  const contents = new Map(
    Array.from(changed, ([name, text]) => [name, new TextEncoder().encode(text)]),
  );
  const xml = Array.from(template.xml, ([name, content]): [string, Uint8Array] => [
    name,
    contents.get(name) ?? content,
  ]);
  return {
    ...template,
    parts: template.parts
      .filter(({ name }) => !removed.has(name))
      .map((part) => {
        const content = contents.get(part.name);
        return content ? deflated(part.name, content) : part;
      }),
    xml: new Map(xml.filter(([name]) => !removed.has(name))),
    warnings: [...template.warnings, ...warnings],
  };
}
