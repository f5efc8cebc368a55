/**
 * docxtemplater puts an empty paragraph behind a table that nothing suitable follows
 * (addEmptyParagraphAfterTable in its join-uncorrupt.js). Done here once, for all documents.
 */
import type { TextNode } from './nodes.ts';
import { nextPieces, type Place } from './places.ts';

const TABLE_END = '</w:tbl>';
const FITTING = ['<w:p', '<w:tbl', '<w:sectPr', '</w:ftr>', '</w:hdr>'];

/** What is looked past between a table and what follows it. */
export const isPassedBy = (xml: string) =>
  /^[ \n\r\t]+$/.test(xml) || xml.startsWith('<w:bookmarkEnd');

const fitsBehindTable = (xml: string | undefined) =>
  xml !== undefined && FITTING.some((beginning) => xml.startsWith(beginning));

export const endsTable = (xml: string) => xml.endsWith(TABLE_END);

/** Puts the paragraphs where they belong in every document. */
export function addParagraphsBehindTables(
  places: readonly Place[],
  refuse: (reason: string) => void,
): void {
  for (const place of places) {
    place.nodes.forEach((node, i) => {
      if (node.kind !== 'text' || isPassedBy(node.xml) || !endsTable(node.xml)) return;
      const next = nextText(place, i + 1);
      if (next) {
        if (!fitsBehindTable(next.xml)) next.xml = `<w:p/>${next.xml}`;
      } else if (![...nextPieces(place, i + 1, isPassedBy)].every(fitsBehindTable)) {
        refuse('A section follows a table that may need a paragraph behind it.');
      }
    });
  }
}

/** The text behind a place, when nothing but what is passed by stands between. */
function nextText({ nodes }: Place, from: number): TextNode | undefined {
  for (let i = from; i < nodes.length; i++) {
    const node = nodes[i];
    if (node?.kind !== 'text') return undefined;
    if (!isPassedBy(node.xml)) return node;
  }
  return undefined;
}
