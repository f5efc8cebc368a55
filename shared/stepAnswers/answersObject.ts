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

/** Gathers answers until they are taken to be written. */
export function createAnswersBuffer() {
  let waiting: KeptAnswer[] = [];
  let bytes = 0;
  return {
    add(answer: KeptAnswer): void {
      waiting.push(answer);
      bytes += sizeOf(answer);
    },
    /** What is gathered, in bytes, more or less. */
    get bytes(): number {
      return bytes;
    },
    /** Takes what is gathered. */
    take(): KeptAnswer[] {
      const taken = waiting;
      waiting = [];
      bytes = 0;
      return taken;
    },
    /** Puts back what could not be written, before what came since. */
    putBack(answers: readonly KeptAnswer[]): void {
      waiting = [...answers, ...waiting];
      bytes += answers.reduce((sum, answer) => sum + sizeOf(answer), 0);
    },
  };
}

const sizeOf = ({ line, file }: KeptAnswer) =>
  JSON.stringify(line).length + (file?.bytes.length ?? 0);

/** Writes answers at `key`: one or more. */
export async function writeAnswers(
  { objects }: ObjectsPort,
  key: string,
  answers: readonly KeptAnswer[],
): Promise<AnswersObject> {
  let at = 0;
  const lines = answers.map(({ line, file }) => {
    const placed = file && { at, bytes: file.bytes.length, extension: file.extension };
    at += file?.bytes.length ?? 0;
    return `${JSON.stringify({ ...line, ...(placed && { file: placed }) })}\n`;
  });
  const text = Buffer.from(lines.join(''));
  const files = answers.flatMap(({ file }) => (file ? [file.bytes] : []));
  const rows = answers.map(({ line }) => line.row);
  await objects.put(key, files.length === 0 ? text : Buffer.concat([text, ...files]));
  return {
    key,
    linesBytes: text.length,
    firstRow: rows.reduce(least),
    lastRow: rows.reduce(most),
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
