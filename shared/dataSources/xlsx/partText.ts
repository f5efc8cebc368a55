/** Parts of XML that are scanned as they arrive: their encoding, and what is wrong with them. */
import { HEAD_BYTES, xmlEncodingOf } from '../../office/encoding.ts';
import { createXmlScan, XmlBroken, type XmlSink } from '../../office/xmlBytes.ts';
import { MAX_ROW_BYTES } from '../../limits.ts';
import { decoderOf } from '../decode.ts';
import { SourceFault, type FoundProblem } from '../sourceFault.ts';
import { damagedPart, unsafePart } from './faults.ts';

const TOO_LONG: FoundProblem = {
  code: 'ROW_TOO_LARGE',
  detail: `A text of the workbook has more than ${MAX_ROW_BYTES} bytes. Make it shorter.`,
};
/** What is scanned between two looks at the sink. */
const WINDOW_BYTES = 64 * 1024;

/**
 * Scans a part to its end.
 * @param flush is awaited whenever the sink is full
 * @throws SourceFault when it is no XML that is read here; what the sink and the pieces throw
 */
export async function scanPart(
  name: string,
  pieces: AsyncIterable<Uint8Array>,
  sink: XmlSink,
  flush: () => Promise<void>,
): Promise<void> {
  const scan = createXmlScan(sink, MAX_ROW_BYTES);
  let decoder: ReturnType<typeof decoderOf> | undefined;
  let head: Uint8Array = new Uint8Array(0);

  async function take(texts: Iterable<Uint8Array>) {
    for (const text of texts) {
      for (let at = 0; at < text.length; at += WINDOW_BYTES) {
        scan.push(text.subarray(at, at + WINDOW_BYTES));
        while (!scan.run()) await flush();
      }
    }
  }

  try {
    for await (const piece of pieces) {
      if (!decoder) {
        head = Buffer.concat([head, piece]);
        if (head.length < HEAD_BYTES) continue;
      }
      const isFirst = decoder === undefined;
      decoder ??= openDecoder(name, head);
      await take(decoder.push(isFirst ? head : piece));
    }
    const isShort = decoder === undefined;
    decoder ??= openDecoder(name, head);
    if (isShort) await take(decoder.push(head));
    await take(decoder.end());
    scan.end();
  } catch (error) {
    if (error instanceof SourceFault && error.problems[0]?.code === 'ENCODING_WRONG')
      throw damagedPart(name, 'has bytes that are none of its encoding');
    if (!(error instanceof XmlBroken)) throw error;
    if (error.reason === 'doctype') throw unsafePart(name, 'holds a DOCTYPE');
    throw error.reason === 'too long'
      ? new SourceFault(TOO_LONG)
      : damagedPart(name, 'is not well-formed XML');
  }
}

function openDecoder(name: string, head: Uint8Array) {
  const decoder = decoderOf((xmlEncodingOf(head) ?? 'utf-8').toLowerCase());
  if (!decoder) throw damagedPart(name, 'is in an encoding that is not known');
  return decoder;
}
