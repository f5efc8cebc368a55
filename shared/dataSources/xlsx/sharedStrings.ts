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
const SMALL_X = 0x78;

/** Whether a name is `si`. */
const isItem = (xml: Buffer, name: number, end: number) =>
  end - name === 2 && xml[name] === SMALL_S && xml[name + 1] === SMALL_I;
/** Whether a name is `t`. */
export const isText = (xml: Buffer, name: number, end: number) =>
  end - name === 1 && xml[name] === SMALL_T;
/** Whether a name is `rPh`: how a text is read aloud, which is no part of it. */
export const isPhonetic = (xml: Buffer, name: number, end: number) =>
  end - name === 3 && xml[name] === SMALL_R && xml[name + 1] === LARGE_P;

const UNDERSCORE = 0x5f;
const QUOTE = 0x22;
const LESS = 0x3c;
/** Longer texts are taken as they come. */
const MOST_QUICK_BYTES = 16 * 1024;

/** How nearly all texts begin, and end. */
const ITEM = Buffer.from('<si><t>');
const ITEM_KEEPING_BLANKS = Buffer.from('<si><t xml:space="preserve">');
const ITEM_END = Buffer.from('</t></si>');

/** Bytes that JSON does not have as they stand in XML, or that may mean something else. */
const SPECIAL = new Uint8Array(256);
SPECIAL.fill(1, 0, 0x20);
for (const byte of Buffer.from('"&\\<_')) SPECIAL[byte] = 1;

function isAt(xml: Buffer, at: number, limit: number, bytes: Buffer): boolean {
  if (at + bytes.length > limit) return false;
  for (let i = 0; i < bytes.length; i++) if (xml[at + i] !== bytes[i]) return false;
  return true;
}

/** Where the text of an item begins that is one text alone; -1 when it may be another. */
function behindOpening(xml: Buffer, at: number, limit: number): number {
  if (isAt(xml, at, limit, ITEM)) return at + ITEM.length;
  return isAt(xml, at, limit, ITEM_KEEPING_BLANKS) ? at + ITEM_KEEPING_BLANKS.length : -1;
}

/** Where a text ends that JSON has as it stands; -1 when it does not, or is too long to know. */
function plainEnd(xml: Buffer, start: number, limit: number): number {
  const last = Math.min(limit, start + MOST_QUICK_BYTES);
  for (let i = start; i < last; i++) {
    const byte = xml[i] as number;
    if (SPECIAL[byte] === 0) continue;
    if (byte === LESS) return i;
    // _x may begin a unit of UTF-16 (stringText.ts).
    if (byte !== UNDERSCORE || i + 1 >= last || xml[i + 1] === SMALL_X) return -1;
  }
  return -1;
}

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
  let isOpen = false;
  let inItem = false;

  function endItem() {
    if (text.size > MAX_ROW_BYTES || text.jsonBytes > MAX_ROW_BYTES) store.addTooLong();
    else store.add(text.jsonBytes, (to, at) => text.json(to, at));
    text.clear();
  }

  /** Takes a text that JSON has as it stands, in one go; answers where it ends, or -1. */
  function takeItem(xml: Buffer, at: number, limit: number): number {
    const start = behindOpening(xml, at, limit);
    if (start < 0) return -1;
    const end = plainEnd(xml, start, limit);
    if (end < 0 || !isAt(xml, end, limit, ITEM_END)) return -1;
    store.add(end - start + 2, (to, place) => {
      let next = place;
      to[next++] = QUOTE;
      for (let i = start; i < end; i++) to[next++] = xml[i] as number;
      to[next++] = QUOTE;
      return next;
    });
    return end + ITEM_END.length;
  }

  const sink: XmlSink = {
    full: false,
    takeWhole(xml, at, limit) {
      if (!isOpen || inItem) return -1;
      let end = at;
      for (let next = at; next >= 0; next = takeItem(xml, end, limit)) end = next;
      return end > at ? end : -1;
    },
    open(xml, name, nameEnd, _end, isEmpty) {
      isOpen = true;
      if (isText(xml, name, nameEnd)) isWanted = !isEmpty && !inPhonetic;
      else if (isPhonetic(xml, name, nameEnd)) inPhonetic = !isEmpty;
      else if (isItem(xml, name, nameEnd)) {
        if (isEmpty) endItem();
        else inItem = true;
      }
    },
    close(xml, name, nameEnd) {
      if (isText(xml, name, nameEnd)) isWanted = false;
      else if (isPhonetic(xml, name, nameEnd)) inPhonetic = false;
      else if (isItem(xml, name, nameEnd)) {
        inItem = false;
        endItem();
      }
    },
    text(xml, start, end, isPlain) {
      if (isWanted && text.size <= MAX_ROW_BYTES) text.add(xml, start, end, isPlain);
    },
  };
  await scanPart(part, parts.stream(part), sink, () => Promise.resolve());
  return store;
}
