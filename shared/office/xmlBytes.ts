/**
 * A scanner over the bytes of XML that arrive in pieces, for parts that are too large to be texts: tells of
 * elements and texts as they come, in memory of its own, and checks that elements close as they open. It
 * knows no DTDs, so no entity can grow.
 */

/** What the scanner finds. The bytes are good until the call ends. */
export interface XmlSink {
  /**
   * An element begins.
   * @param name where its name begins, without a prefix
   * @param end where its attributes end, which begin at `nameEnd`
   * @param isEmpty whether it ends there too: no close() follows
   */
  open(xml: Buffer, name: number, nameEnd: number, end: number, isEmpty: boolean): void;
  close(xml: Buffer, name: number, nameEnd: number): void;
  /** A stretch of text, as it is written; `isPlain` says that & begins no reference in it. */
  text(xml: Buffer, start: number, end: number, isPlain: boolean): void;
  /**
   * Takes an element that is there as a whole, with all that is in it; answers where it ends, or -1 to be told
   * of it as of any other. What it makes of an element must be what it makes of its parts: whether one is there
   * as a whole is chance.
   * @param limit where the bytes end
   */
  takeWhole?(xml: Buffer, at: number, limit: number): number;
  /** Set to stop before the next element; run() goes on when it is called again, and takes it back. */
  full: boolean;
  /** Set by the scan: how many bytes of the part lie before the first of `xml`. */
  base?: number;
}

/** Why a part cannot be read. */
export type XmlBreak = 'malformed' | 'doctype' | 'too long';

/** The bytes are no XML that is read here. */
export class XmlBroken extends Error {
  readonly reason: XmlBreak;
  constructor(reason: XmlBreak) {
    super(`The XML cannot be read: ${reason}.`);
    this.name = 'XmlBroken';
    this.reason = reason;
  }
}

/** A scanner at the beginning of a part. */
export interface XmlScan {
  /** Takes bytes of UTF-8 in, to be scanned by run(). */
  push(piece: Uint8Array): void;
  /**
   * Scans what was taken in; false when the sink is full before the end.
   * @throws XmlBroken; what the sink throws
   */
  run(): boolean;
  /** Ends the part. @throws XmlBroken when it is not whole */
  end(): void;
}

const LESS = 0x3c;
const GREATER = 0x3e;
const SLASH = 0x2f;
const BANG = 0x21;
const QUESTION = 0x3f;
const COLON = 0x3a;
const QUOTE = 0x22;
const APOSTROPHE = 0x27;
const SPACE = 0x20;
const EQUALS = 0x3d;

/** Deeper than any part that is read: a worksheet has 6 levels, its extensions some 15. */
const MAX_DEPTH = 256;
const FIRST_BUFFER_BYTES = 256 * 1024;
/** Texts are mostly shorter than this; for longer ones a call to the platform pays. */
const SHORT_BYTES = 48;

const COMMENT = Buffer.from('<!--');
const COMMENT_END = Buffer.from('-->');
const CDATA = Buffer.from('<![CDATA[');
const CDATA_END = Buffer.from(']]>');
const INSTRUCTION_END = Buffer.from('?>');
const MARK = [0xef, 0xbb, 0xbf];

/** @param maxTokenBytes the longest tag or text between two of them */
export function createXmlScan(sink: XmlSink, maxTokenBytes: number): XmlScan {
  let buffer = Buffer.allocUnsafeSlow(FIRST_BUFFER_BYTES);
  /** What is scanned next, and where the bytes end. */
  let at = 0;
  let filled = 0;
  /** From where on to look for the end of what is under way. */
  let lookFrom = 0;
  /** Bytes of the part that the buffer has no more. */
  let base = 0;
  let isFirst = true;
  let hasRoot = false;
  /** A number for the name of each open element. */
  const open = new Int32Array(MAX_DEPTH);
  let depth = 0;

  function waitForMore(): true {
    if (filled - at > maxTokenBytes) throw new XmlBroken('too long');
    return true;
  }

  function findTextEnd(from: number): number {
    const xml = buffer;
    const near = Math.min(filled, from + SHORT_BYTES);
    for (let i = from; i < near; i++) if (xml[i] === LESS) return i;
    if (near === filled) return -1;
    const found = buffer.subarray(near, filled).indexOf(LESS);
    return found < 0 ? -1 : near + found;
  }

  /** Index behind a stretch that ends so; -1 when it has no end yet. */
  function findBehind(ending: Buffer, from: number): number {
    const found = buffer.subarray(from, filled).indexOf(ending);
    return found < 0 ? -1 : from + found + ending.length;
  }

  const startsWith = (beginning: Buffer) =>
    buffer.compare(beginning, 0, beginning.length, at, Math.min(filled, at + beginning.length)) ===
    0;

  /** Takes what begins with <! or <?; false when its end has not arrived. */
  function takeOther(): boolean {
    if (buffer[at + 1] === QUESTION) {
      const end = findBehind(INSTRUCTION_END, at + 2);
      if (end < 0) return false;
      at = end;
      return true;
    }
    if (filled - at < CDATA.length) return false;
    if (startsWith(COMMENT)) {
      const end = findBehind(COMMENT_END, at + COMMENT.length);
      if (end < 0) return false;
      at = end;
      return true;
    }
    if (!startsWith(CDATA)) throw new XmlBroken('doctype');
    const end = findBehind(CDATA_END, at + CDATA.length);
    if (end < 0) return false;
    if (depth === 0) throw new XmlBroken('malformed');
    sink.text(buffer, at + CDATA.length, end - CDATA_END.length, true);
    at = end;
    return true;
  }

  /** Takes a tag; false when its end has not arrived. */
  function takeTag(): boolean {
    // Variables of its own: this runs for every byte.
    const xml = buffer;
    const limit = filled;
    const isClosing = xml[at + 1] === SLASH;
    const start = isClosing ? at + 2 : at + 1;
    let name = start;
    let i = start;
    let hash = 0;
    for (; i < limit; i++) {
      const byte = xml[i] as number;
      if (byte <= SPACE || byte === GREATER || byte === SLASH) break;
      if (byte === LESS || byte === QUOTE || byte === EQUALS) throw new XmlBroken('malformed');
      if (byte === COLON) name = i + 1;
      hash = (hash * 31 + byte) | 0;
    }
    const nameEnd = i;
    if (i < limit && xml[i] !== GREATER) {
      let quote = 0;
      for (; i < limit; i++) {
        const byte = xml[i] as number;
        if (quote !== 0) {
          if (byte === quote) quote = 0;
        } else if (byte === GREATER) break;
        else if (byte === QUOTE || byte === APOSTROPHE) quote = byte;
        else if (byte === LESS) throw new XmlBroken('malformed');
      }
    }
    if (i >= limit) return false;
    if (nameEnd <= name) throw new XmlBroken('malformed');
    at = i + 1;
    if (isClosing) {
      if (depth === 0 || open[--depth] !== hash) throw new XmlBroken('malformed');
      sink.close(xml, name, nameEnd);
      return true;
    }
    if (depth === 0 && hasRoot) throw new XmlBroken('malformed');
    hasRoot = true;
    const isEmpty = xml[i - 1] === SLASH;
    if (!isEmpty) {
      if (depth === MAX_DEPTH) throw new XmlBroken('malformed');
      open[depth++] = hash;
    }
    sink.open(xml, name, nameEnd, isEmpty ? i - 1 : i, isEmpty);
    return true;
  }

  function requireBlank(from: number, to: number) {
    for (let i = from; i < to; i++)
      if ((buffer[i] as number) > SPACE) throw new XmlBroken('malformed');
  }

  return {
    push(piece) {
      if (at > 0) {
        buffer.copyWithin(0, at, filled);
        filled -= at;
        base += at;
        sink.base = base;
        lookFrom = Math.max(0, lookFrom - at);
        at = 0;
      }
      if (filled + piece.length > buffer.length) {
        const larger = Buffer.allocUnsafeSlow(2 * (filled + piece.length));
        buffer.copy(larger, 0, 0, filled);
        buffer = larger;
      }
      buffer.set(piece, filled);
      filled += piece.length;
    },

    run() {
      if (isFirst) {
        if (filled < MARK.length) return true;
        isFirst = false;
        if (MARK.every((byte, i) => buffer[i] === byte)) at = MARK.length;
      }
      sink.full = false;
      while (at < filled) {
        if (sink.full) return false;
        if (buffer[at] !== LESS) {
          const end = findTextEnd(Math.max(at, lookFrom));
          if (end < 0) {
            lookFrom = filled;
            return waitForMore();
          }
          lookFrom = 0;
          if (depth === 0) requireBlank(at, end);
          else sink.text(buffer, at, end, false);
          at = end;
        }
        if (filled - at < 2) return true;
        const second = buffer[at + 1];
        const whole = sink.takeWhole?.(buffer, at, filled) ?? -1;
        if (whole > 0) {
          at = whole;
          continue;
        }
        const isTaken = second === BANG || second === QUESTION ? takeOther() : takeTag();
        if (!isTaken) return waitForMore();
      }
      return true;
    },

    end() {
      if (depth > 0 || !hasRoot) throw new XmlBroken('malformed');
      requireBlank(at, filled);
    },
  };
}

/**
 * Finds the value of an attribute in a tag's bytes, as written.
 * @param name of the attribute, with its prefix
 * @param nameEnd where the attributes begin, and `end` where they end
 * @returns where the value begins and ends in `found`; false when there is none
 */
export function findAttribute(
  xml: Buffer,
  nameEnd: number,
  end: number,
  name: Buffer,
  found: { start: number; end: number },
): boolean {
  let i = nameEnd;
  while (i < end) {
    while (i < end && (xml[i] as number) <= SPACE) i++;
    const start = i;
    while (i < end && xml[i] !== EQUALS && (xml[i] as number) > SPACE) i++;
    const length = i - start;
    while (i < end && xml[i] !== QUOTE && xml[i] !== APOSTROPHE) i++;
    const quote = xml[i];
    const value = ++i;
    while (i < end && xml[i] !== quote) i++;
    if (length === name.length && xml.compare(name, 0, length, start, start + length) === 0) {
      found.start = value;
      found.end = i;
      return true;
    }
    i++;
  }
  return false;
}
