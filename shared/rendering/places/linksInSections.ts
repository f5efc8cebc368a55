/**
 * Links in sections: a relationship has one target, however often a section repeats what leads to it. A
 * field does the same (ECMA-376 part 1, 17.16.5.25), and each of its copies has a target of its own.
 */
import { xmlUnescape } from '../../office/xmlScan.ts';
import { escapeXml } from '../../office/xmlText.ts';
import { isWithin, type Range } from './sectionRanges.ts';

const LINK = /<w:hyperlink(\s[^>]*[^/])>([^]*?)<\/w:hyperlink>/g;
const attribute = (attributes: string, name: string) =>
  new RegExp(`\\s${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`)
    .exec(attributes)
    ?.slice(1)
    .find((value) => value !== undefined);

/**
 * @param targets of relationships with tags, by id, as XML
 * @returns the part, and the ids that nothing in it refers to any more
 */
export function linksAsFields(
  xml: string,
  sections: readonly Range[],
  targets: ReadonlyMap<string, string>,
): { readonly xml: string; readonly unused: ReadonlySet<string> } {
  const made = new Set<string>();
  const changed = xml.replace(
    LINK,
    (whole: string, attributes: string, content: string, at: number) => {
      const id = attribute(attributes, 'r:id') ?? '';
      const target = targets.get(id);
      if (target === undefined || !isWithin(sections, at)) return whole;
      made.add(id);
      const anchor = attribute(attributes, 'w:anchor');
      const tip = attribute(attributes, 'w:tooltip');
      const code = [
        ' HYPERLINK',
        quoted(target),
        ...(anchor === undefined ? [] : ['\\l', quoted(anchor)]),
        ...(tip === undefined ? [] : ['\\o', quoted(tip)]),
        '',
      ].join(' ');
      return `${mark('begin')}<w:r><w:instrText xml:space="preserve">${code}</w:instrText></w:r>${mark('separate')}${content}${mark('end')}`;
    },
  );
  const unused = [...made].filter(
    (id) => !changed.includes(`="${id}"`) && !changed.includes(`='${id}'`),
  );
  return { xml: changed, unused: new Set(unused) };
}

const mark = (type: string) => `<w:r><w:fldChar w:fldCharType="${type}"/></w:r>`;
const quoted = (value: string) => escapeXml(`"${xmlUnescape(value).replace(/[\\"]/g, '\\$&')}"`);
