/**
 * Turns the fields of Word's mail merge into tags, once for a template: documents hold text where it has
 * fields. What a merge does besides is done too: conditions are decided, and lines that are blank for
 * want of a value are left out.
 */
import { OF_EAST_ASIAN, OF_LATIN } from './languages.ts';
import { escapeXml } from '../../office/xmlText.ts';
import { localName, xmlTags } from '../../office/xmlScan.ts';
import { FOREIGN_FIELDS } from '../places/fieldCodes.ts';
import { cutTags, isSection } from '../places/tagsInValue.ts';
import { readFields, type Field, type Paragraph, type Run, type RunChild } from './fields.ts';
import {
  readFieldCode,
  textOf,
  type CodePiece,
  type FieldArgument,
  type FieldCode,
} from './fieldSwitches.ts';
import { isPlain } from '../../formats/fieldFormats.ts';
import type { Condition, Format, Operand } from '../../formats/fieldSchemas.ts';
import { writeTag } from '../../tags/tagMarks.ts';

export interface FilledFields {
  readonly xml: string;
  /** Names of merge fields that became tags, as written. */
  readonly names: readonly string[];
  /** Types of fields that only a merge by Word computes, and which keep their last result. */
  readonly kept: readonly string[];
  /** Formats that are not applied, such as `\* CardText`. */
  readonly unknown: readonly string[];
}

export interface MergeOptions {
  /** Of text that does not say its own, as BCP 47 has it. */
  readonly language: string;
  /** The same for Chinese, Japanese and Korean characters. */
  readonly eastAsianLanguage?: string | undefined;
  /** Whether lines that are blank for want of a value stay. */
  readonly keepsBlankLines: boolean;
}

/** Whether a part may hold such fields. */
export const mayHoldFields = (xml: string): boolean => /fldSimple|instrText/.test(xml);

/** Fields that mean something in a merge alone (ECMA-376 part 1, 17.16.5). */
const ONLY_IN_MERGES = new Set([
  'NEXT',
  'NEXTIF',
  'SKIPIF',
  'ASK',
  'FILLIN',
  'SET',
  'ADDRESSBLOCK',
  'GREETINGLINE',
  'MERGEREC',
  'MERGESEQ',
  'DATABASE',
]);
/** Fields whose result Word keeps although their code has changed. */
const COMPUTED = new Set([
  '=',
  'QUOTE',
  'INCLUDEPICTURE',
  'INCLUDETEXT',
  'DISPLAYBARCODE',
  'MERGEBARCODE',
  'DOCPROPERTY',
  'DOCVARIABLE',
]);

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

type Code = FieldCode<Field>;

/** @throws XmlMalformed */
export function fillFields(xml: string, options: MergeOptions): FilledFields {
  const { fields, paragraphs } = readFields(xml);
  const edits: Edit[] = [];
  const names: string[] = [];
  const kept: string[] = [];
  const unknown = new Set<string>();
  const converted = new Set<Field>();
  const handled = new Set<Field>();

  for (const field of fields) {
    if (handled.has(field)) continue;
    const code = codeOf(field);
    const inner = innerFields(field);
    const joined = isMergeField(code) ? joinedParagraphs(field, code) : undefined;
    if (joined) {
      edits.push(joined);
      names.push(...namesIn(field));
      // What its result holds goes with it.
      for (const each of fields) if (isWithin(each.start, joined)) handled.add(each);
      continue;
    }
    if (field.isCut || !field.isClosed) {
      if (isMergeField(code)) kept.push(code.type);
      else if (code.type === 'IF' && inner.some((each) => isMergeField(codeOf(each))))
        kept.push('IF');
      const isTold = isMergeField(code) || code.type === 'IF';
      // Of a link over several paragraphs the code is in the first.
      if (!isTold && field.isClosed && !field.isCodeCut) joinCode(field, inner);
      if (code.type === 'IF') for (const each of inner) handled.add(each);
      continue;
    }
    const runs = runsFor(field, code);
    if (runs !== undefined) {
      replace(field, runs);
      names.push(...namesIn(field));
      converted.add(field);
      for (const each of inner) handled.add(each);
      continue;
    }
    if (ONLY_IN_MERGES.has(code.type) || isMergeField(code)) kept.push(code.type);
    if (inner.length > 0 && !joinCode(field, inner)) {
      if (inner.some((each) => isMergeField(codeOf(each)))) kept.push(code.type);
      for (const each of inner) handled.add(each);
    } else if (inner.length === 0) joinCode(field, inner);
  }

  /** A field whose last result has several paragraphs: they become one again, as in Word. */
  function joinedParagraphs(field: Field, code: Code): Edit | undefined {
    if (!field.isCut || field.isCodeCut || !field.isClosed) return undefined;
    const [first, last] = [field.children[0], field.children.at(-1)];
    if (!first || !last || first.run.children[0] !== first || last.run.children.at(-1) !== last) {
      return undefined;
    }
    const { start, end } = { start: first.run.start, end: last.run.end };
    if (!joinsParagraphs(xml.slice(start, end))) return undefined;
    const text = runsFor(field, code);
    return text === undefined ? undefined : { start, end, text };
  }

  function replace(field: Field, runs: string): void {
    if (field.kind === 'simple') {
      edits.push({ start: field.start, end: field.end, text: runs });
      return;
    }
    const [first] = field.children;
    if (!first) return;
    const anchor = field.result[0] ?? first;
    insertBefore(anchor, runs, new Set(field.children));
    remove(field.children);
  }

  /** With the runs of which nothing is left. */
  function remove(children: readonly RunChild[]): void {
    const removed = new Set(children);
    for (const { start, end, run } of children) {
      const isGone = isEmptied(run, removed);
      edits.push({
        start: isGone ? run.start : start,
        end: isGone ? run.end : end,
        text: '',
      });
    }
  }

  /** At the beginning of a run, within it, or in the place of one that goes as a whole. */
  function insertBefore(child: RunChild, runs: string, removed: ReadonlySet<RunChild>): void {
    const { run } = child;
    const isFirst = run.children[0] === child || isEmptied(run, removed);
    const position = isFirst ? run.start : child.start;
    const isWithin = position !== run.start;
    edits.push({
      start: position,
      end: position,
      text: isWithin ? `</${nameOf(run)}>${runs}${run.open}${run.properties}` : runs,
    });
  }

  /** The runs that a field becomes; undefined when it stays. */
  function runsFor(field: Field, code: Code): string | undefined {
    if (isMergeField(code)) {
      const tag = tagOf(field, code);
      return tag === undefined ? undefined : runOf(field, tag, hasCharFormat(code));
    }
    if (code.type !== 'IF' || !innerFields(field).some((each) => isMergeField(codeOf(each)))) {
      return undefined;
    }
    return conditionalRuns(field, code);
  }

  function tagOf(field: Field, code: Code): string | undefined {
    const [name] = code.arguments;
    if (!name || name.pieces.some((piece) => typeof piece !== 'string')) return undefined;
    const written = textOf(name).trim();
    const format = formatOf(code, languageOf(field, code, options), unknown);
    if (written === '' || /[{}\r\n]/.test(written) || format === undefined) return undefined;
    return writeTag(escapeXml(written), { format });
  }

  /** `IF a = b "yes" "no"`: both texts, each in a section of its own. */
  function conditionalRuns(field: Field, code: Code): string | undefined {
    const text = nestedCondition(code);
    return text === undefined ? undefined : runOf(field, text, false);
  }

  /** Text with tags; undefined for what cannot be text. */
  function branchText(argument: FieldArgument<Field> | undefined): string | undefined {
    let text = '';
    for (const piece of argument?.pieces ?? []) {
      if (typeof piece === 'string') {
        if (hasStrayBraces(piece)) return undefined;
        text += escapeXml(piece);
        continue;
      }
      const code = codeOf(piece);
      const inner = isMergeField(code)
        ? tagOf(piece, code)
        : code.type === 'IF' && !piece.isCut
          ? nestedCondition(code)
          : undefined;
      if (inner === undefined) return undefined;
      text += inner;
    }
    return text;
  }

  function nestedCondition(code: Code): string | undefined {
    const parsed = conditionOf(code);
    const yes = parsed && branchText(parsed.yes);
    const no = parsed && branchText(parsed.no);
    if (!parsed || yes === undefined || no === undefined) return undefined;
    const tag = (sign: string) => writeTag('IF', { condition: parsed.condition }, sign);
    return `${tag('#')}${yes}${tag('/')}${tag('^')}${no}${tag('/')}`;
  }

  function conditionOf(code: Code) {
    const [left, comparison, right, yes, no, more] = code.arguments;
    if (!left || !comparison || !right || more) return undefined;
    const [a, b] = [operandOf(left), operandOf(right)];
    const sign = textOf(comparison);
    if (!a || !b || !isComparison(sign)) return undefined;
    const condition: Condition = {
      left: a,
      comparison: sign,
      right: b,
      hasWildcards: right.isQuoted,
    };
    return { condition, yes, no };
  }

  function operandOf({ pieces }: FieldArgument<Field>): Operand | undefined {
    const operand: Operand = [];
    for (const piece of pieces) {
      if (typeof piece === 'string') {
        for (const cut of cutTags(piece) ?? [{ literal: piece }]) {
          if ('literal' in cut) operand.push(cut.literal);
          else if (isSection(cut.tag)) return undefined;
          else operand.push({ field: cut.tag.trim(), format: {} });
        }
        continue;
      }
      const code = codeOf(piece);
      const format = formatOf(code, languageOf(piece, code, options), unknown);
      const name = code.arguments[0];
      if (!isMergeField(code) || !name || !format || name.pieces.length !== 1) return undefined;
      operand.push({ field: textOf(name).trim(), format });
    }
    return operand;
  }

  /** A field that stays, with tags in its code: all of that in one place, fields as tags. */
  function joinCode(field: Field, inner: readonly Field[]): boolean {
    const pieces: string[] = [];
    for (const piece of field.code) {
      if (!('kind' in piece)) {
        pieces.push(piece.text);
        continue;
      }
      const tag = isMergeField(codeOf(piece)) ? tagOf(piece, codeOf(piece)) : undefined;
      if (tag === undefined) return false;
      pieces.push(tag);
    }
    const text = pieces.join('');
    const texts = field.code.flatMap((piece) =>
      'kind' in piece || !piece.child ? [] : [piece.child],
    );
    const [first] = texts;
    const { type } = codeOf(field);
    if (!cutTags(escapeXml(text), true) || ONLY_IN_MERGES.has(type) || FOREIGN_FIELDS.has(type)) {
      return inner.length === 0;
    }
    if (type === 'IF') evaluateResult(field);
    else if (COMPUTED.has(type)) markDirty(field);
    if (!first || (texts.length === 1 && inner.length === 0)) return inner.length === 0;
    const name = /<([^\s>]+)/.exec(xml.slice(first.start, first.end))?.[1] ?? '';
    edits.push({
      start: first.start,
      end: first.end,
      text: `<${name} xml:space="preserve">${escapeXml(text)}</${name}>`,
    });
    remove(texts.slice(1));
    for (const each of inner) {
      names.push(...namesIn(each));
      handled.add(each);
      converted.add(each);
      remove(each.children);
    }
    return true;
  }

  /** What an IF with tags in its code shows, which Word computes only when it is told to. */
  function evaluateResult(field: Field): void {
    const runs = conditionalRuns(field, codeOf(field));
    const [first] = field.result;
    if (runs === undefined || !first) {
      kept.push('IF');
      return;
    }
    insertBefore(first, runs, new Set(field.result));
    remove(field.result);
  }

  function markDirty(field: Field): void {
    const at = field.kind === 'simple' ? field.start : (field.children[0]?.start ?? field.start);
    const [tag = '', name = ''] = /^<([^\s/>]+)/.exec(xml.slice(at)) ?? [];
    const whole = xml.slice(at, xml.indexOf('>', at));
    if (name === '' || /\sw:dirty=/.test(whole)) return;
    edits.push({ start: at + tag.length, end: at + tag.length, text: ' w:dirty="true"' });
  }

  function runOf(field: Field, text: string, hasCodeFormat: boolean): string {
    const { open, properties } = formatSource(field, hasCodeFormat);
    const prefix = prefixOf(open);
    return `<${prefix}r>${properties}<${prefix}t xml:space="preserve">${text}</${prefix}t></${prefix}r>`;
  }

  if (!options.keepsBlankLines) {
    for (const paragraph of paragraphs) {
      const blank = blankable(xml, paragraph, converted);
      if (blank)
        edits.push(
          ...blank.map((text, i) => ({
            start: i === 0 ? paragraph.start : paragraph.end,
            end: i === 0 ? paragraph.start : paragraph.end,
            text,
          })),
        );
    }
  }
  return {
    xml: applyEdits(xml, edits),
    names: [...new Set(names)],
    kept: [...new Set(kept)],
    unknown: [...unknown],
  };
}

const isWithin = (at: number, { start, end }: Edit) => start < at && at < end;

/** Whether a stretch of XML leads from one paragraph into another beside it, and can be left out. */
function joinsParagraphs(stretch: string): boolean {
  const open: string[] = [];
  let left = 0;
  for (const { name, kind } of xmlTags(stretch)) {
    const element = localName(name);
    if (element === 'sectPr') return false;
    if (kind === 'open') open.push(element);
    else if (kind === 'close' && open.pop() === undefined && (element !== 'p' || left++ > 0)) {
      return false;
    }
  }
  return left === 1 && open.length === 1 && open[0] === 'p';
}

const isMergeField = ({ type }: Code) => type === 'MERGEFIELD';
const isEmptied = (run: Run, removed: ReadonlySet<RunChild>) =>
  run.children.every((child) => removed.has(child));
const nameOf = (run: Run) => /^<([^\s/>]+)/.exec(run.open)?.[1] ?? 'w:r';
const prefixOf = (open: string) => /^<([^\s/>]*:)?/.exec(open)?.[1] ?? '';

function codeOf(field: Field): Code {
  const pieces = field.code.map((piece): CodePiece<Field> =>
    'kind' in piece ? piece : piece.text,
  );
  return readFieldCode(pieces);
}

const innerFields = (field: Field): Field[] =>
  field.code.flatMap((piece) => ('kind' in piece ? [piece, ...innerFields(piece)] : []));

const namesIn = (field: Field): string[] =>
  [field, ...innerFields(field)].flatMap((each) => {
    const code = codeOf(each);
    const [name] = code.arguments;
    return isMergeField(code) && name ? [textOf(name).trim()] : [];
  });

const hasStrayBraces = (text: string) =>
  /[{}]/.test(
    (cutTags(text) ?? [{ literal: text }])
      .map((cut) => ('literal' in cut ? cut.literal : ''))
      .join(''),
  );

const COMPARISONS = ['=', '<>', '<', '>', '<=', '>='] as const;
type Comparison = (typeof COMPARISONS)[number];
const isComparison = (text: string): text is Comparison =>
  COMPARISONS.some((sign) => sign === text);

const LETTERS: Readonly<Record<string, Format['letters']>> = {
  UPPER: 'upper',
  LOWER: 'lower',
  FIRSTCAP: 'firstcap',
  CAPS: 'caps',
};
/** General formats that leave text as it is. */
const NO_CHANGE = new Set(['MERGEFORMAT', 'MERGEFORMATINET', 'CHARFORMAT', 'ARABIC', '']);

/** What the switches of a field ask for; undefined for what is not done. */
function formatOf({ switches }: Code, language: string, unknown: Set<string>): Format | undefined {
  const format: Format = {};
  for (const { sign, argument } of switches) {
    if (argument?.pieces.some((piece) => typeof piece !== 'string')) return undefined;
    const text = argument ? textOf(argument) : '';
    if (sign === '#') format.number = text;
    else if (sign === '@') format.date = text;
    else if (sign === 'b') format.before = text;
    else if (sign === 'f') format.after = text;
    else if (sign === '*') {
      const letters = LETTERS[text.toUpperCase()];
      if (letters !== undefined) format.letters = letters;
      else if (!NO_CHANGE.has(text.toUpperCase())) unknown.add(`\\* ${text}`);
    }
  }
  return isPlain(format) ? {} : { ...format, language };
}

const hasCharFormat = ({ switches }: Code) =>
  switches.some(
    ({ sign, argument }) =>
      sign === '*' && argument && textOf(argument).toUpperCase() === 'CHARFORMAT',
  );

const NOTHING: Pick<Run, 'open' | 'properties'> = { open: '<w:r>', properties: '' };

/** The run whose formatting the result has. */
function formatSource(field: Field, hasCodeFormat: boolean): Pick<Run, 'open' | 'properties'> {
  const codeRun = field.code
    .map((piece) => ('kind' in piece ? undefined : piece.child))
    .find((child) => child && child.text.trim() !== '')?.run;
  const resultRun = field.result.find(({ element }) => element === 't')?.run;
  const first = field.children[0]?.run;
  const source = (hasCodeFormat ? codeRun : undefined) ?? resultRun ?? codeRun ?? first ?? NOTHING;
  const properties = source.properties.replace(/<(?:\w+:)?noProof(?:\s[^>]*)?\/>/, '');
  return { open: source.open, properties };
}

/** Signs that Word takes the language for East Asian text for. */
const EAST_ASIAN = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;
const LANGUAGE = /<(?:\w+:)?lang(\s[^>]*)>/;

/** The language of a field's result: its picture says which of the two that a run may have. */
function languageOf(
  field: Field,
  { switches }: Code,
  { language, eastAsianLanguage }: MergeOptions,
): string {
  const [, own = ''] = LANGUAGE.exec(formatSource(field, false).properties) ?? [];
  const picture = switches.find(({ sign }) => sign === '@')?.argument;
  const latin = OF_LATIN.exec(own)?.[1] ?? language;
  if (!picture || !EAST_ASIAN.test(textOf(picture)) || /^(?:zh|ja|ko)\b/i.test(latin)) return latin;
  return OF_EAST_ASIAN.exec(own)?.[1] ?? eastAsianLanguage ?? latin;
}

/** Containers that must keep a paragraph at their end. */
const ENDS_CONTAINER =
  /^(?:\s|<[^>]*:(?:bookmarkEnd|permEnd|commentRangeEnd)[^>]*>)*<\/[^>]*:(?:tc|txbxContent|hdr|ftr|footnote|endnote|comment|sdtContent|customXml)>/;

/** Sections around a paragraph that holds nothing but merge fields; undefined where it must stay. */
function blankable(
  xml: string,
  paragraph: Paragraph,
  converted: ReadonlySet<Field>,
): [before: string, after: string] | undefined {
  const { start, end, children, fields, hasMore } = paragraph;
  const its = fields.filter((field) => converted.has(field));
  const isBlank = ({ field, element, text }: RunChild) =>
    (field !== undefined && converted.has(field)) ||
    element === 'lastRenderedPageBreak' ||
    element === 'tab' ||
    (element === 't' && text.trim() === '');
  if (its.length === 0 || hasMore || !children.every(isBlank)) return undefined;
  if (its.some((field) => !isMergeField(codeOf(field)))) return undefined;
  const follows = xml.slice(end, end + LOOKED_AT);
  if (
    ENDS_CONTAINER.test(follows) ||
    /:tbl>\s*$/.test(xml.slice(Math.max(0, start - LOOKED_AT), start))
  )
    return undefined;
  const prefix = prefixOf(xml.slice(start, start + LOOKED_AT));
  const condition: Condition = { any: its.flatMap(namesIn) };
  const block = (sign: string) =>
    `<${prefix}p><${prefix}r><${prefix}t>${writeTag('MERGEFIELD', { condition }, sign)}</${prefix}t></${prefix}r></${prefix}p>`;
  return [block('#'), block('/')];
}

/** Characters around a paragraph that tell what it stands in. */
const LOOKED_AT = 1_000;

/** What is put in comes before what is taken out; of edits that overlap the first and longest counts. */
function applyEdits(xml: string, edits: readonly Edit[]): string {
  const isInsertion = ({ start, end }: Edit) => (start === end ? 0 : 1);
  const sorted = edits.toSorted(
    (a, b) => a.start - b.start || isInsertion(a) - isInsertion(b) || b.end - a.end,
  );
  let out = '';
  let at = 0;
  for (const { start, end, text } of sorted) {
    if (start < at) continue;
    out += xml.slice(at, start) + text;
    at = end;
  }
  return out + xml.slice(at);
}
