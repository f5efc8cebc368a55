/** Names of sheets that Excel takes. */

/** Characters of a name, in UTF-16 units. */
const MAX_NAME = 31;
/** What no name may hold (the message of Excel itself), or would not be seen in one. */
const FORBIDDEN = /[[\]:*?/\\\p{Cc}\p{Cf}\p{Surrogate}\ufffe\uffff]/gu;
/** Excel keeps this name for itself. */
const RESERVED = 'history';

/** Makes names valid, and different from those that it made before: Excel does not tell case apart. */
export function createSheetNames(): (wanted: string) => string {
  const taken = new Set<string>();
  return (wanted) => {
    const valid = validName(wanted);
    let name = valid;
    for (let number = 2; taken.has(folded(name)); number++) {
      const suffix = ` (${number})`;
      name = `${cut(valid, MAX_NAME - suffix.length)}${suffix}`;
    }
    taken.add(folded(name));
    return name;
  };
}

function validName(wanted: string): string {
  const cleaned = cut(wanted.replace(FORBIDDEN, '_').trim(), MAX_NAME).replace(/^'|'$/g, '_');
  if (cleaned === '') return 'Sheet';
  return folded(cleaned) === RESERVED ? `${cleaned}_` : cleaned;
}

const folded = (name: string) => name.normalize('NFKC').toLowerCase();

/** No half of a character stays. */
const cut = (name: string, length: number) =>
  name
    .slice(0, length)
    .replace(/[\ud800-\udbff]$/, '')
    .trim();

/** A name as references have it. */
export const quoteSheetName = (name: string): string => `'${name.replaceAll("'", "''")}'`;
