/** The shared strings part: the texts that cells name by number (ECMA-376 part 1, 18.4). */
import type { XmlSink } from '../../office/xmlBytes.ts';
import { MAX_ROW_BYTES } from '../../limits.ts';
import type { WorkbookPackage } from './package.ts';
import { scanPart } from './partText.ts';
import { createStringStore, type StringStore } from './stringStore.ts';
import { createStringText } from './stringText.ts';

const SMALL_S = 0x73;
const SMALL_I = 0x69;
const SMALL_T = 0x74;
const SMALL_R = 0x72;
const LARGE_P = 0x50;

/** Whether a name is `si`. */
const isItem = (xml: Buffer, name: number, end: number) =>
  end - name === 2 && xml[name] === SMALL_S && xml[name + 1] === SMALL_I;
/** Whether a name is `t`. */
export const isText = (xml: Buffer, name: number, end: number) =>
  end - name === 1 && xml[name] === SMALL_T;
/** Whether a name is `rPh`: how a text is read aloud, which is no part of it. */
export const isPhonetic = (xml: Buffer, name: number, end: number) =>
  end - name === 3 && xml[name] === SMALL_R && xml[name + 1] === LARGE_P;

/**
 * Reads all of them.
 * @throws SourceFault when the part is damaged, or they take more than MAX_SHARED_STRING_BYTES
 */
export async function readSharedStrings(
  parts: WorkbookPackage,
  part: string | undefined,
): Promise<StringStore> {
  const store = createStringStore(part ?? '');
  if (part === undefined) return store;
  const text = createStringText();
  let isWanted = false;
  let inPhonetic = false;

  function endItem() {
    if (text.size > MAX_ROW_BYTES || text.jsonBytes > MAX_ROW_BYTES) store.addTooLong();
    else store.add(text.jsonBytes, (to, at) => text.json(to, at));
    text.clear();
  }

  const sink: XmlSink = {
    full: false,
    open(xml, name, nameEnd, _end, isEmpty) {
      if (isText(xml, name, nameEnd)) isWanted = !isEmpty && !inPhonetic;
      else if (isPhonetic(xml, name, nameEnd)) inPhonetic = !isEmpty;
      else if (isItem(xml, name, nameEnd) && isEmpty) endItem();
    },
    close(xml, name, nameEnd) {
      if (isText(xml, name, nameEnd)) isWanted = false;
      else if (isPhonetic(xml, name, nameEnd)) inPhonetic = false;
      else if (isItem(xml, name, nameEnd)) endItem();
    },
    text(xml, start, end, isPlain) {
      if (isWanted && text.size <= MAX_ROW_BYTES) text.add(xml, start, end, isPlain);
    },
  };
  await scanPart(part, parts.stream(part), sink, () => Promise.resolve());
  return store;
}
