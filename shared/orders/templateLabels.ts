/** What the templates of an order are called in file names and reports. */

/** Endings of Word files, and of those that Word makes templates from. */
const FILE_ENDING = /\.(?:doc|dot)[xm]?$/i;

/**
 * Names of the templates for {template}, without the ending of a file: documents get one of their own.
 * The second of a name becomes name-2.
 * @param others labels that are taken
 */
export function uniqueLabels(names: readonly string[], others: readonly string[] = []): string[] {
  const taken = new Set(others.map((label) => label.normalize('NFC').toLowerCase()));
  return names.map((name) => {
    const bare = name.replace(FILE_ENDING, '').trim() || name;
    let label = bare;
    for (let n = 2; taken.has(label.normalize('NFC').toLowerCase()); n++) label = `${bare}-${n}`;
    taken.add(label.normalize('NFC').toLowerCase());
    return label;
  });
}
