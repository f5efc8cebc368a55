/** Makes links and bound controls say, in each document and in each copy of a section, what they should. */
import { relationshipsPart } from '../../office/relationships.ts';
import type { WordPackage } from '../../office/wordPackage.ts';
import { withoutElements } from '../../office/xmlEdit.ts';
import { xmlAttributes, xmlTags, xmlUnescape } from '../../office/xmlScan.ts';
import { withParts } from '../../office/changePackage.ts';
import { escapeXml } from '../../office/xmlText.ts';
import { bindRightly } from './boundControls.ts';
import { linksAsFields } from './linksInSections.ts';
import { isWithin, sectionRanges, type Range } from './sectionRanges.ts';
import { isFillableStore } from './partsWithPlaces.ts';
import { cutTags, tagsIn } from './tagsInValue.ts';

/** @throws XmlMalformed */
export function withOwnTargets(template: WordPackage): WordPackage {
  const changed = new Map<string, string>();
  const warnings: string[] = [];
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
    const targets = REFERENCE.test(xml) ? targetsWithTags(template, relationships) : NONE;
    if (targets.size > 0) {
      const links = linksAsFields(xml, sectionRanges(xml), targets);
      xml = links.xml;
      const repeated = targetsInSections(xml, sectionRanges(xml), targets);
      if (repeated.length > 0) {
        warnings.push(
          `${name} has links of pictures in sections whose target holds ${repeated.slice(0, MOST_TAGS).join(', ')}: all copies have the one target, filled from the row. Link a text instead.`,
        );
      }
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
  return changed.size + warnings.length === 0
    ? template
    : { ...withParts(template, changed), warnings: [...template.warnings, ...warnings] };
}

/** Tags that a warning names. */
const MOST_TAGS = 5;

/** The tags of targets that something in a section leads to. */
function targetsInSections(
  xml: string,
  sections: readonly Range[],
  targets: ReadonlyMap<string, string>,
): string[] {
  const found = Array.from(xml.matchAll(/\sr:(?:id|link|embed)\s*=\s*["']([^"']*)["']/g))
    .filter(({ index }) => isWithin(sections, index))
    .flatMap(([, id = '']) => tagsIn(targets.get(id) ?? '', true));
  return [...new Set(found)];
}

const OPENING_BRACE = 0x7b;
/** To a relationship, from what may be a link. */
const REFERENCE = /\sr:(?:id|link|embed)\s*=/;
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
    const store = new TextDecoder().decode(content);
    if (!isFillableStore(store)) continue;
    for (const [, text = ''] of store.matchAll(/>([^<]+)</g)) {
      texts.add(xmlUnescape(text).trim());
    }
  }
  return texts;
}
