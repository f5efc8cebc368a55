/** A command line as a shell takes it apart: blanks, and quotes of both kinds. */
export function shellWords(line: string): string[] {
  const words: string[] = [];
  for (const [, whole = ''] of line.matchAll(/((?:"[^"]*"|'[^']*'|[^\s"'])+)/g)) {
    words.push(whole.replace(/"([^"]*)"|'([^']*)'/g, (_, a?: string, b?: string) => a ?? b ?? ''));
  }
  return words;
}
