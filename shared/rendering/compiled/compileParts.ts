/** Compiles a template's parts, or says what of them keeps the template from it. */
import type { ParsedPart } from '../parsedPieces.ts';
import { WITHOUT_LINE_BREAKS } from '../repairs/linesModule.ts';
import { compileProgram, needsRecording } from './compileProgram.ts';
import { takenIds } from '../repairs/ids.ts';
import type { XmlPiece } from '../tags/partText.ts';
import { findLossyElements } from './containers.ts';
import { findEndings } from './endings.ts';
import { readNodes, type Node } from './nodes.ts';
import { listPlaces } from './places.ts';
import type { Program } from './program.ts';
import { NOTHING_RECORDED, noteRuns } from './recordedRuns.ts';
import { noteRepeatedIds } from './repeatedIds.ts';
import { createSlots } from './slots.ts';
import { addParagraphsBehindTables } from './tableEnds.ts';

const WORD = 'application/vnd.openxmlformats-officedocument.wordprocessingml';
/** Parts in which paragraphs are put behind tables (filetypes.docx of filetypes.js). */
const WITH_TABLES = new Set([
  `${WORD}.document.main+xml`,
  `${WORD}.template.main+xml`,
  'application/vnd.ms-word.document.macroEnabled.main+xml',
  'application/vnd.ms-word.template.macroEnabledTemplate.main+xml',
  `${WORD}.header+xml`,
  `${WORD}.footer+xml`,
  `${WORD}.footnotes+xml`,
  `${WORD}.comments+xml`,
]);

/** Reasons that are told for one template. */
const MAX_REASONS = 10;

/**
 * @param parts all parts that docxtemplater renders, in its order
 * @returns programs by part, or the reasons why there are none
 */
export function compileParts(
  parts: ReadonlyMap<string, ParsedPart>,
): { readonly programs: ReadonlyMap<string, Program> } | { readonly reasons: readonly string[] } {
  const reasons = new Set<string>();
  const trees = new Map<string, { nodes: Node[]; contentType: string }>();
  let recorded = NOTHING_RECORDED;
  for (const [name, { parsed, contentType }] of parts) {
    const refuse = (reason: string) => void reasons.add(`${name}: ${reason}`);
    if (!parsed || contentType === undefined) {
      refuse('docxtemplater did not read it.');
      continue;
    }
    const nodes = readNodes(parsed, refuse);
    if (WITHOUT_LINE_BREAKS.has(contentType)) keepLineBreaks(nodes);
    else recorded = noteRuns(nodes, recorded, refuse);
    trees.set(name, { nodes, contentType });
  }
  const recordsRuns = [...trees.values()].some(({ nodes }) => needsRecording(nodes));
  const programs = new Map<string, Program>();
  const slots = createSlots();
  for (const [name, { nodes, contentType }] of trees) {
    const refuse = (reason: string) => void reasons.add(`${name}: ${reason}`);
    const places = listPlaces(nodes);
    const addsParagraphs = WITH_TABLES.has(contentType);
    const endings = findEndings(nodes, addsParagraphs, refuse);
    const lossy = [
      ...findLossyElements(places, addsParagraphs, endings.places, refuse),
      ...endings.lossy,
    ];
    if (addsParagraphs) addParagraphsBehindTables(places, refuse);
    if (reasons.size > 0) continue;
    noteRepeatedIds(nodes);
    const context = {
      lossy,
      recordsRuns: recordsRuns && !WITHOUT_LINE_BREAKS.has(contentType),
      part: name,
      slots,
      taken: takenIds(xmlOf(parts.get(name)?.pieces ?? [])),
    };
    programs.set(name, compileProgram(nodes, context));
  }
  if (reasons.size === 0) return { programs };
  const told = [...reasons].slice(0, MAX_REASONS);
  const untold = reasons.size - told.length;
  return { reasons: untold > 0 ? [...told, `And ${untold} more.`] : told };
}

const xmlOf = (pieces: readonly XmlPiece[]) => pieces.map(({ value }) => value).join('');

/** Values in nodes that have no line breaks. */
function keepLineBreaks(nodes: readonly Node[]): void {
  for (const node of nodes) {
    if (node.kind === 'value') node.run = null;
    else if (node.kind === 'section') {
      keepLineBreaks(node.body);
      keepLineBreaks(node.lastBody ?? []);
    }
  }
}
