/** Engines as contenders: those that can fill a template, and why the others cannot. */
import PizZip from 'pizzip';
import type { Contender } from '../measure/compare.ts';
import type { Absent } from '../measure/comparison.ts';
import { ENGINES, openSheaf, Unsuited, type Engine, type Render } from './engines.ts';
import type { RenderingCase } from './renderingCase.ts';
import { BRACES } from './templates.ts';

/** Rows that every engine is tried with. */
const TRIED_ROWS = 3;

/** All engines, opened and tried with the first rows. */
export async function contendersFor(given: RenderingCase): Promise<(Contender | Absent)[]> {
  const contenders: (Contender | Absent)[] = [];
  for (const engine of ENGINES) contenders.push(await contenderFor(engine, given));
  return contenders;
}

async function contenderFor(engine: Engine, given: RenderingCase): Promise<Contender | Absent> {
  const { name, role, dialect } = engine;
  const template = given.template(dialect);
  if (!template) {
    return { name, role, absent: `its tags are written ${dialect.value('name')}` };
  }
  try {
    const render = engine.open(template, given.rows);
    const difference = dialect === BRACES && role !== 'floor' && (await differs(render, given));
    return difference ? { name, role, absent: difference } : contender(engine, render, given);
  } catch (error) {
    if (error instanceof Unsuited) return { name, role, absent: error.message };
    if (role !== 'peer') throw error;
    return { name, role, absent: 'it cannot fill this template' };
  }
}

/** Reads the rows round and round: a turn goes on where the one before ended. */
function contender({ name, role }: Engine, render: Render, { rows }: RenderingCase): Contender {
  let next = 0;
  return {
    name,
    role,
    async run(documents) {
      let bytes = 0;
      for (let i = 0; i < documents; i++) {
        const made = render(rows[next++ % rows.length] ?? {});
        // Waiting where nothing is to be waited for would take a part of a fast document's time.
        bytes += (made instanceof Promise ? await made : made).length;
      }
      return bytes;
    },
  };
}

/** Why an engine cannot be compared: whoever reads our tags must write our text. */
async function differs(render: Render, given: RenderingCase): Promise<string | undefined> {
  const template = given.template(BRACES);
  if (!template) return undefined;
  const reference = openSheaf(template);
  for (const row of given.rows.slice(0, TRIED_ROWS)) {
    const [found, expected] = [textOf(await render(row)), textOf(await reference(row))];
    if (found !== expected) return 'it reads the same tags to another text';
  }
  return undefined;
}

const TEXT_PARTS = /^word\/(document|header\d*|footer\d*)\.xml$/;
const TEXTS = /<w:t(?: [^>]*)?>([^<]*)<\/w:t>/g;

/** The text of a document without its line ends, which libraries write in different ways. */
function textOf(document: Uint8Array): string {
  const { files } = new PizZip(document);
  return Object.keys(files)
    .filter((name) => TEXT_PARTS.test(name))
    .sort()
    .map((name) => [...(files[name]?.asText() ?? '').matchAll(TEXTS)].map(([, text]) => text))
    .flat()
    .join('');
}
