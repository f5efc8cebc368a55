/** [Content_Types].xml: the types of a package's parts (ECMA-376 part 2, 7.2.3). */
import { localName, xmlAttributes, xmlTags } from './xmlScan.ts';

export interface ContentTypes {
  /** The type of a part, or '' when none is declared. */
  of(partName: string): string;
  /** Every type that is declared. */
  readonly all: readonly string[];
}

/** @throws XmlMalformed */
export function readContentTypes(text: string): ContentTypes {
  // Extensions and names of parts are compared whatever their case.
  const byExtension = new Map<string, string>();
  const byName = new Map<string, string>();
  for (const tag of xmlTags(text)) {
    const attributes = xmlAttributes(tag);
    const type = attributes.get('ContentType') ?? '';
    const element = localName(tag.name);
    if (element === 'Default') {
      byExtension.set((attributes.get('Extension') ?? '').toLowerCase(), type);
    } else if (element === 'Override') {
      byName.set((attributes.get('PartName') ?? '').replace(/^\//, '').toLowerCase(), type);
    }
  }
  return {
    of(partName) {
      const name = partName.toLowerCase();
      return byName.get(name) ?? byExtension.get(name.slice(name.lastIndexOf('.') + 1)) ?? '';
    },
    all: [...byExtension.values(), ...byName.values()],
  };
}
