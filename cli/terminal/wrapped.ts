/** Long lines, broken where a person would. */
import { wrapAnsi } from 'fast-wrap-ansi';
import type { Screen } from './screen.ts';

/**
 * A line as a terminal shows it best: broken between words, what follows under its beginning. Elsewhere it stays
 * whole, for programs that look for something in it.
 */
export function wrapped(line: string, { isTTY, columns }: Screen): string {
  if (isTTY !== true || columns === undefined || line.length < columns) return line;
  const [indent = ''] = /^ *(?:\S+ {2,})?/.exec(line) ?? [];
  const width = columns - 1 - indent.length;
  if (width < indent.length) return line;
  const rest = ' '.repeat(indent.length);
  return wrapAnsi(line.slice(indent.length), width, { trim: true })
    .split('\n')
    .map((part, index) => (index === 0 ? indent : rest) + part)
    .join('\n');
}
