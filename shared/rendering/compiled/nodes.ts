/**
 * A part of a template as a tree of what stock docxtemplater does with it (its render.js and
 * modules/loop.js), for the compiler to prove and translate.
 */
import type { ParsedPiece } from '../parsedPieces.ts';
import type { Encoder } from '../places/encoders.ts';
import { PLACE_MODULE } from '../places/placeModule.ts';
import { parseTag, type TagExpression } from '../../tags/tagExpression.ts';
import type { IdStretch } from '../repairs/ids.ts';

/** A stretch of XML that may be left out by itself, whatever is left out around it. */
export type NotedStretch = IdStretch & { readonly isAlone?: boolean };

/** XML that is written as it is. docxtemplater decides by such pieces, so they are not joined yet. */
export interface TextNode {
  readonly kind: 'text';
  xml: string;
  readonly tag?: string;
  readonly position?: string;
  /** Its length as docxtemplater reads it, in UTF-16 units; 0 for what docxtemplater adds itself. */
  readonly units: number;
  /** The XML by its ids, where some must not be written again as they are. */
  stretches?: readonly NotedStretch[];
}

export interface ValueNode {
  readonly kind: 'value';
  readonly tag: TagExpression;
  /**
   * Run properties that are repeated behind a line break; undefined where only the rendering tells;
   * null in parts where line breaks stay what they are.
   */
  run?: string | null | undefined;
  /** How the value is written, where that is no text of the document; `run` is null there. */
  readonly encoder?: Encoder;
  /** What is written between two lines, where that is no break of WordprocessingML. */
  readonly lineBreak?: string;
}

export interface SectionNode {
  readonly kind: 'section';
  readonly tag: TagExpression;
  readonly inverted: boolean;
  /** What is written for each item. */
  readonly body: readonly Node[];
  /** For the last item, where that differs. */
  readonly lastBody?: readonly Node[];
  /** Instead of the body, when the section is left out by a condition. */
  readonly otherwise: readonly Node[];
}

export type Node = TextNode | ValueNode | SectionNode;

/** Every list that a section may write. */
export const bodiesOf = ({
  body,
  lastBody,
  otherwise,
}: SectionNode): readonly (readonly Node[])[] =>
  lastBody ? [body, lastBody, otherwise] : [body, otherwise];

interface SectionPiece extends ParsedPiece {
  readonly subparsed: readonly ParsedPiece[];
}

const PAGE_BREAK_RUN = '<w:r><w:br w:type="page"/></w:r>';
const PAGE_BREAK = `<w:p>${PAGE_BREAK_RUN}</w:p>`;
const added = (xml: string): TextNode => ({ kind: 'text', xml, units: 0 });

/**
 * Sections with a page break within each other that are compiled: each of them has its content twice,
 * once for the last item.
 */
const MOST_BREAKS_WITHIN = 3;

/**
 * @param refuse called with what the compiler cannot do, once for each place
 * @param breaksAround sections with a page break that the pieces are in
 */
export function readNodes(
  pieces: readonly ParsedPiece[],
  refuse: (reason: string) => void,
  breaksAround = 0,
): Node[] {
  return pieces.flatMap((piece): Node[] => {
    if (piece.type === 'content' || piece.type === 'tag') return textNodes(piece);
    const tag = parseTag(piece.value);
    const made = { kind: 'value', tag } as const;
    if (piece.module === undefined) {
      const { lineBreak } = piece;
      return [{ ...made, ...(lineBreak !== undefined && { lineBreak }) }];
    }
    if (piece.module === PLACE_MODULE && piece.encoder !== undefined) {
      return [{ ...made, run: null, encoder: piece.encoder }];
    }
    if (piece.module === 'loop' && piece.subparsed) {
      const section = { ...piece, subparsed: piece.subparsed };
      return [sectionNode(tag, section, refuse, breaksAround)];
    }
    refuse(`{@${tag.name}} writes XML of the data.`);
    return [];
  });
}

/** Pieces that docxtemplater does not look into are cut before the ends of containers. */
function textNodes({ value, tag, position, type }: ParsedPiece): TextNode[] {
  const isTag = type === 'tag' && tag !== undefined && position !== undefined;
  if (isTag) return [{ kind: 'text', xml: value, units: value.length, tag, position }];
  return value
    .split(BEFORE_CONTAINER_ENDS)
    .map((xml) => ({ kind: 'text', xml, units: xml.length }));
}

const BEFORE_CONTAINER_ENDS = /(?<=[^])(?=<\/w:(?:txbxContent|footnote|endnote|comment)>)/;

function sectionNode(
  tag: TagExpression,
  piece: SectionPiece,
  refuse: (reason: string) => void,
  breaksAround: number,
): SectionNode {
  const { hasPageBreak, hasPageBreakBeginning, subparsed, inverted = false } = piece;
  const { name } = tag;
  // Of a section break outside, docxtemplater's loop changes nothing.
  const touchesBreak = piece.addNextPage || piece.lastParagrapSectPr || piece.sectPrCount === 1;
  if (touchesBreak || (piece.addContinuousType && holdsSectionBreak(subparsed))) {
    refuse(`The section {#${name}} holds a section break of the document.`);
  }
  const read = () => readNodes(subparsed, refuse, breaksAround + (hasPageBreak ? 1 : 0));
  // As isInsideParagraphLoop() of loop.js has it.
  const first = subparsed.find(({ type }) => type !== 'content');
  if (!first || first.tag === 'w:t' || !(hasPageBreak || hasPageBreakBeginning)) {
    return { kind: 'section', tag, inverted, body: read(), otherwise: [] };
  }
  if (hasPageBreak && breaksAround >= MOST_BREAKS_WITHIN) {
    refuse(`The section {#${name}} has a page break, as have ${breaksAround} around it.`);
    return { kind: 'section', tag, inverted, body: [], otherwise: [] };
  }
  const start = hasPageBreakBeginning ? [added(PAGE_BREAK)] : [];
  const body = [...start, ...read()];
  if (!hasPageBreak) return { kind: 'section', tag, inverted, body, otherwise: [] };
  const lastBody = [...start, ...read()];
  const last = lastBody.at(-1);
  if (last?.kind !== 'text') refuse(`A page break ends the section {#${name}} behind a tag.`);
  else if (last.xml === '</w:p>') lastBody.splice(-1, 0, added(PAGE_BREAK_RUN));
  else lastBody.push(added(PAGE_BREAK));
  return { kind: 'section', tag, inverted, body, lastBody, otherwise: [added(PAGE_BREAK)] };
}

const holdsSectionBreak = (pieces: readonly ParsedPiece[]): boolean =>
  pieces.some(({ tag, subparsed }) => tag === 'w:sectPr' || holdsSectionBreak(subparsed ?? []));
