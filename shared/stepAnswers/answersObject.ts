/** Objects that answers of row steps are kept in: written whole, and never changed. */
import { viewOf } from '../dataSources/pieces.ts';
import type { Ports } from '../ports.ts';
import { AnswerLineSchema, type AnswerLine, type AnswersObject } from '../schemas/stepAnswers.ts';

type ObjectsPort = Pick<Ports, 'objects'>;

/** An answer that is to be kept. */
export interface KeptAnswer {
  readonly line: Omit<AnswerLine, 'file'>;
  readonly file?: { readonly bytes: Uint8Array; readonly extension: string };
}

/** Gathers answers until they are written. */
export function createAnswersBuffer() {
  let lines: string[] = [];
  let rows: number[] = [];
  let files: Uint8Array[] = [];
  let fileBytes = 0;
  let textBytes = 0;
  return {
    add({ line, file }: KeptAnswer): void {
      const placed = file && { at: fileBytes, bytes: file.bytes.length, extension: file.extension };
      const text = `${JSON.stringify({ ...line, ...(placed && { file: placed }) })}\n`;
      lines.push(text);
      rows.push(line.row);
      textBytes += text.length;
      if (!file) return;
      files.push(file.bytes);
      fileBytes += file.bytes.length;
    },
    /** What is gathered, in bytes or a little less. */
    get bytes(): number {
      return textBytes + fileBytes;
    },
    /** Writes what is gathered at `key`; undefined where there is nothing. */
    async write({ objects }: ObjectsPort, key: string): Promise<AnswersObject | undefined> {
      if (lines.length === 0) return undefined;
      const text = Buffer.from(lines.join(''));
      const body = files.length === 0 ? text : Buffer.concat([text, ...files]);
      const [firstRow, lastRow] = [rows.reduce(least), rows.reduce(most)];
      lines = [];
      rows = [];
      files = [];
      fileBytes = 0;
      textBytes = 0;
      await objects.put(key, body);
      return { key, linesBytes: text.length, firstRow, lastRow };
    },
  };
}

const least = (a: number, b: number) => Math.min(a, b);
const most = (a: number, b: number) => Math.max(a, b);

/** @throws ObjectMissing */
export async function readAnswerLines(
  { objects }: ObjectsPort,
  { key, linesBytes }: AnswersObject,
): Promise<AnswerLine[]> {
  const bytes = await objects.read(key, { offset: 0, length: linesBytes });
  return viewOf(bytes)
    .toString('utf8')
    .trimEnd()
    .split('\n')
    .map((line) => {
      const json: unknown = JSON.parse(line);
      return AnswerLineSchema.parse(json);
    });
}

/** A file that an answer names. */
export interface FilePlace {
  readonly key: string;
  /** Its first byte in the object. */
  readonly offset: number;
  readonly bytes: number;
  readonly extension: string;
}

/** @throws ObjectMissing */
export const readFile = (
  { objects }: ObjectsPort,
  { key, offset, bytes }: FilePlace,
): Promise<Uint8Array> => objects.read(key, { offset, length: bytes });
