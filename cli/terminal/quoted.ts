/** A word of a command line, as it is typed there. */
export const quoted = (word: string, platform: NodeJS.Platform = process.platform): string => {
  if (/^[\p{L}\p{N}_.{}/-]+$/u.test(word)) return word;
  return platform === 'win32' ? `"${word}"` : `'${word.replaceAll("'", String.raw`'\''`)}'`;
};
