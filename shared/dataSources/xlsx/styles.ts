/** The styles part: the number format of every cell style (ECMA-376 part 1, 18.8). */
import { localName, xmlAttributes } from '../../office/xmlScan.ts';
import { builtInFormat } from './builtInFormats.ts';
import {
  compileFormat,
  type FormatContext,
  type NumberFormat,
} from '../../formats/numberFormat.ts';
import { readTags } from './workbook.ts';

/** Number formats by the style that cells name. */
export interface Styles {
  /** Of the style of this number; General where there is none. */
  formatOf(style: number): NumberFormat;
}

/** Longer codes than Excel takes are not compiled. */
const MAX_CODE_CHARACTERS = 1_024;
/** Cell styles of a workbook that Excel takes: 65,490. */
const MAX_STYLES = 65_536;

/**
 * @param text of the styles part; undefined where there is none
 * @throws SourceFault
 */
export function readStyles(part: string, text: string | undefined, context: FormatContext): Styles {
  const codes = new Map<number, string>();
  const ids: number[] = [];
  let inCells = false;
  for (const tag of text === undefined ? [] : readTags(part, text)) {
    const element = localName(tag.name);
    if (element === 'cellXfs') inCells = tag.kind === 'open';
    if (tag.kind === 'close') continue;
    if (element === 'numFmt') {
      const attributes = xmlAttributes(tag);
      const code = attributes.get('formatCode') ?? '';
      codes.set(Number(attributes.get('numFmtId')), code.slice(0, MAX_CODE_CHARACTERS));
    } else if (element === 'xf' && inCells && ids.length < MAX_STYLES) {
      ids.push(Number(xmlAttributes(tag).get('numFmtId') ?? 0));
    }
  }
  const formats = new Map<number, NumberFormat>();
  const byId = (id: number) => {
    let format = formats.get(id);
    if (!format) {
      format = compileFormat(codes.get(id) ?? builtInFormat(id, context.locale), context);
      formats.set(id, format);
    }
    return format;
  };
  return { formatOf: (style) => byId(ids[style] ?? 0) };
}
