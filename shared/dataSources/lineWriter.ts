/** A rows writer that hands each line on as a text, to be changed or kept, before it is written. */
import type { RowsWriter } from './rowsWriter.ts';

const FIRST_BYTES = 64 * 1024;

/**
 * @param take gets every line without its end, in order
 * @param to whom the caller writes to in the end; lines are not written by themselves
 */
export function createLineWriter(
  take: (line: string) => void,
  to?: RowsWriter,
): Pick<RowsWriter, 'full' | 'reserve' | 'position' | 'endLine' | 'writeLine' | 'flush'> {
  let buffer = Buffer.allocUnsafeSlow(FIRST_BYTES);
  return {
    get full() {
      return to?.full ?? false;
    },
    reserve(bytes) {
      if (bytes > buffer.length) buffer = Buffer.allocUnsafeSlow(2 * bytes);
      return buffer;
    },
    position: 0,
    endLine: (end) => {
      take(buffer.toString('utf8', 0, end));
    },
    writeLine: take,
    flush: () => to?.flush() ?? Promise.resolve(),
  };
}
