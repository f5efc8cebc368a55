/** What Word's mail merge calls the columns of a table: its fields know neither blanks nor signs. */
import { asSeen } from './asSeen.ts';

/** Word cuts names of fields there. */
const MOST_CHARACTERS = 40;

/** The name that Word gives the field of a column: "First Name" is First_Name, "2nd row" is M_2nd_row. */
export function fieldNameOf(column: string): string {
  const name = asSeen(column).replace(/[^\p{L}\p{M}\p{N}_]/gu, '_');
  const field = /^\p{N}/u.test(name) ? `M_${name}` : name;
  return Array.from(field).slice(0, MOST_CHARACTERS).join('');
}
