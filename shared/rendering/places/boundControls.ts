/**
 * Content controls with tags that are bound to data: Word shows the data as soon as it opens the file.
 * Where that cannot be what the tags give, the control is bound no more (ECMA-376 part 1, 17.5.2.6).
 */
import { localName, xmlTags, xmlUnescape } from '../../office/xmlScan.ts';
import { withoutElements } from '../../office/xmlEdit.ts';
import { cutTags } from '../places/tagsInValue.ts';
import { isWithin, type Range } from './sectionRanges.ts';

interface Control {
  readonly start: number;
  properties?: Range;
  text: string;
}

/**
 * @param sections a bound control in one of them would show the same in all copies
 * @param stored texts of all data that controls may be bound to
 * @throws XmlMalformed
 */
export function bindRightly(
  xml: string,
  sections: readonly Range[],
  stored: ReadonlySet<string>,
): string {
  let changed = '';
  let at = 0;
  for (const { start, properties, text } of controlsIn(xml)) {
    if (!properties || properties.start < at || !cutTags(text)) continue;
    const isTold = stored.has(xmlUnescape(text).trim()) && !isWithin(sections, start);
    const before = xml.slice(properties.start, properties.end);
    const after = withoutElements(before, ({ name }) => {
      const element = localName(name);
      // What stands in a control that shows its prompt is no text of the document.
      return element === 'showingPlcHdr' || (element === 'dataBinding' && !isTold);
    });
    changed += xml.slice(at, properties.start) + after;
    at = properties.end;
  }
  return changed + xml.slice(at);
}

function controlsIn(xml: string): Control[] {
  const found: Control[] = [];
  const open: Control[] = [];
  let end = 0;
  let isText = false;
  let propertiesStart = -1;
  for (const tag of xmlTags(xml)) {
    const element = localName(tag.name);
    if (isText) for (const control of open) control.text += xml.slice(end, tag.start);
    isText = tag.kind === 'open' && element === 't' && propertiesStart === -1;
    end = tag.end;
    if (element === 'sdt') {
      if (tag.kind === 'close') open.pop();
      else if (tag.kind === 'open') {
        const control: Control = { start: tag.start, text: '' };
        found.push(control);
        open.push(control);
      }
    } else if (element === 'sdtPr') {
      const control = open.at(-1);
      if (tag.kind === 'open') propertiesStart = tag.start;
      else if (tag.kind === 'close' && control && propertiesStart !== -1) {
        control.properties = { start: propertiesStart, end: tag.end };
        propertiesStart = -1;
      }
    }
  }
  return found;
}
