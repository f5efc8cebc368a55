/** Word documents with the kinds of parts that wordFile.ts does not know by itself. */
import { wordFile, type WordFileOptions } from './wordFile.ts';

const SCHEMAS = 'http://schemas.openxmlformats.org';
const RELATIONSHIPS = `${SCHEMAS}/officeDocument/2006/relationships`;

/** Declarations of every namespace that the tests use. */
export const NAMESPACES = Object.entries({
  w: `${SCHEMAS}/wordprocessingml/2006/main`,
  r: RELATIONSHIPS,
  wp: `${SCHEMAS}/drawingml/2006/wordprocessingDrawing`,
  a: `${SCHEMAS}/drawingml/2006/main`,
  c: `${SCHEMAS}/drawingml/2006/chart`,
  pic: `${SCHEMAS}/drawingml/2006/picture`,
  wps: 'http://schemas.microsoft.com/office/word/2010/wordprocessingShape',
  mc: `${SCHEMAS}/markup-compatibility/2006`,
  v: 'urn:schemas-microsoft-com:vml',
  o: 'urn:schemas-microsoft-com:office:office',
  dgm: `${SCHEMAS}/drawingml/2006/diagram`,
  m: `${SCHEMAS}/officeDocument/2006/math`,
  w14: 'http://schemas.microsoft.com/office/word/2010/wordml',
})
  .map(([prefix, uri]) => `xmlns:${prefix}="${uri}"`)
  .join(' ');

const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';

/** A part with this root element, such as `w:endnotes`. */
export const part = (root: string, content: string): string =>
  `${HEAD}<${root} ${NAMESPACES}>${content}</${root}>`;

/** A document whose body holds this XML, with all namespaces declared. */
export const richWordFile = (body: string, options: WordFileOptions = {}): Buffer =>
  wordFile('', {
    ...options,
    entries: [
      {
        name: 'word/document.xml',
        content: part('w:document', `<w:body>${body}<w:sectPr/></w:body>`),
      },
      ...(options.entries ?? []),
    ],
  });

/** @param type the last word of the standard's type, or a whole one */
export const relationship = (id: string, type: string, target: string, external = false): string =>
  `<Relationship Id="${id}" Type="${type.includes(':') ? type : `${RELATIONSHIPS}/${type}`}" Target="${target}"${external ? ' TargetMode="External"' : ''}/>`;

export const relationships = (...all: string[]): string =>
  `${HEAD}<Relationships xmlns="${SCHEMAS}/package/2006/relationships">${all.join('')}</Relationships>`;

/** A field, its code cut into runs as given, with its result as it was last computed. */
export const field = (code: readonly string[] | string, result = 'old'): string =>
  `<w:r><w:fldChar w:fldCharType="begin"/></w:r>${[code]
    .flat()
    .map((text) => `<w:r><w:instrText xml:space="preserve">${text}</w:instrText></w:r>`)
    .join(
      '',
    )}<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>${result}</w:t></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>`;
