/** Rows for benchmarks: the example's people, repeated, so that text and lengths are like life. */
import { readFile } from 'node:fs/promises';

const PEOPLE = 'examples/people.csv';

/** The records of a CSV text: quotes may hold line ends. */
function records(text: string): string[] {
  const found: string[] = [];
  let quoted = false;
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '"') quoted = !quoted;
    else if (text[i] === '\n' && !quoted) {
      found.push(text.slice(start, i + 1));
      start = i + 1;
    }
  }
  return found;
}

/** The example's people, as they are written in CSV: records with their line ends. */
export async function readPeople(): Promise<{ header: string; people: string[] }> {
  const [header = '', ...people] = records(await readFile(PEOPLE, 'utf8'));
  return { header, people };
}
