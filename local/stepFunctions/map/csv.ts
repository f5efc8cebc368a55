/**
 * CSV as Step Functions' item reader reads it (RFC 4180 with its own rules for backslashes: one
 * escapes a quote, the delimiter or itself, and vanishes before any other character).
 */

/** The records of the text, in their order; empty lines are skipped. */
export function* parseCsv(text: string, delimiter: string): Generator<string[]> {
  let record: string[] = [];
  let field = '';
  let quoted = false;
  let blank = true;
  for (let i = text.startsWith('\uFEFF') ? 1 : 0; i < text.length; i++) {
    const character = text.charAt(i);
    const following = text.charAt(i + 1);
    if (character === '\\') {
      field += following;
      blank = false;
      i += 1;
    } else if (quoted) {
      if (character !== '"') field += character;
      else if (following === '"') {
        field += '"';
        i += 1;
      } else quoted = false;
    } else if (character === '"' && field === '') {
      quoted = true;
      blank = false;
    } else if (character === delimiter) {
      record.push(field);
      field = '';
      blank = false;
    } else if (character === '\n' || (character === '\r' && following === '\n')) {
      if (character === '\r') i += 1;
      if (!blank) yield [...record, field];
      [record, field, blank] = [[], '', true];
    } else {
      field += character;
      blank = false;
    }
  }
  if (!blank) yield [...record, field];
}
