/** One thing, told as names and values, a line each. */
import { plain } from './screen.ts';

/** Lines with names that line up; a value that is undefined or null is left out. */
export function pairLines(
  pairs: readonly (readonly [name: string, value: string | number | null | undefined])[],
): string[] {
  const told = pairs.filter(([, value]) => value !== undefined && value !== null && value !== '');
  const width = Math.max(...told.map(([name]) => name.length));
  return told.map(([name, value]) => `${name.padEnd(width)}  ${plain(String(value))}`);
}
