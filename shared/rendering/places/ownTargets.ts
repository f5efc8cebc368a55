/** Makes links and bound controls say, in each document and in each copy of a section, what they should. */
import { relationshipsPart } from '../../office/relationships.ts';
import type { WordPackage } from '../../office/wordPackage.ts';
import { withoutElements } from '../../office/xmlEdit.ts';
import { xmlAttributes, xmlTags, xmlUnescape } from '../../office/xmlScan.ts';
import { withParts } from '../changePackage.ts';
import { escapeXml } from '../escaping.ts';
import { bindRightly } from './boundControls.ts';
import { linksAsFields } from './linksInSections.ts';
import { sectionRanges } from './sectionRanges.ts';
import { cutTags } from './tagsInValue.ts';

/** @throws XmlMalformed */
export function withOwnTargets(template: WordPackage): WordPackage {
  const changed = new Map<string, string>();
  let stored: ReadonlySet<string> | undefined;
  for (const [name, content] of template.xml) {
    if (!content.includes(OPENING_BRACE) || name.endsWith('.rels')) continue;
    const text = new TextDecoder().decode(content);
    let xml = text;
    if (xml.includes(':sdtPr>')) {
      stored ??= textsOfStores(template);
      xml = bindRightly(xml, sectionRanges(xml), stored);
    }
    const relationships = relationshipsPart(name);
    const targets = xml.includes('<w:hyperlink') ? targetsWithTags(template, relationships) : NONE;
    if (targets.size > 0) {
      const links = linksAsFields(xml, sectionRanges(xml), targets);
      xml = links.xml;
      if (links.unused.size > 0) {
        const rels = new TextDecoder().decode(template.xml.get(relationships));
        changed.set(
          relationships,
          withoutElements(rels, (tag) => links.unused.has(xmlAttributes(tag).get('Id') ?? '')),
        );
      }
    }
    if (xml !== text) changed.set(name, xml);
  }
  return changed.size === 0 ? template : withParts(template, changed, new Set(), []);
}

const OPENING_BRACE = 0x7b;
const NONE: ReadonlyMap<string, string> = new Map();

/** Targets that lead out of the package and have tags, as XML, by id. */
function targetsWithTags({ xml }: WordPackage, name: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const content = xml.get(name);
  if (!content) return found;
  for (const tag of xmlTags(new TextDecoder().decode(content))) {
    const attributes = xmlAttributes(tag);
    const target = escapeXml(attributes.get('Target') ?? '');
    if (attributes.get('TargetMode') === 'External' && cutTags(target, true)) {
      found.set(attributes.get('Id') ?? '', target);
    }
  }
  return found;
}

/** Texts of the data and properties that content controls may be bound to. */
function textsOfStores({ xml }: WordPackage): Set<string> {
  const texts = new Set<string>();
  for (const [name, content] of xml) {
    if (!/^(?:customXml|docProps)\//i.test(name)) continue;
    for (const [, text = ''] of new TextDecoder().decode(content).matchAll(/>([^<]+)</g)) {
      texts.add(xmlUnescape(text).trim());
    }
  }
  return texts;
}
