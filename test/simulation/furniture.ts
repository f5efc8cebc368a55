/** What every simulated world has before a scenario begins, made once in a calm one: templates, and what each row gives. */
import { objectKeys } from '../../shared/keys.ts';
import { docx } from '../support/docx.ts';
import { readFoundArchive } from './archive.ts';
import { clientOf } from './people.ts';
import { whileTimePasses } from './rest.ts';
import { MOST_ROWS, OWNERS, type Scenario } from './scenario.ts';
import { rowOf, TEMPLATE_TEXTS, type RowKind } from './rows.ts';
import { createWorld, type Deployment, type World } from './world/world.ts';
import type { Item } from '../../shared/ports.ts';

export interface Furniture {
  /** Ids of the templates, by owner. */
  readonly templates: readonly (readonly string[])[];
  /** Labels of the templates, as reports have them. */
  readonly labels: readonly string[];
  /** What a document holds (archive.ts, fingerprint), of a row of this kind that can be made. */
  contentOf(row: number, kind: RowKind, template: number): string;
  /** Puts the templates into a world. */
  into(world: World): Promise<void>;
}

const CALM: Scenario = {
  seed: 1,
  lookMs: 0,
  taskLimit: 10,
  documentBudget: undefined,
  tasks: [],
  actions: [],
  visits: [],
  readers: [],
  endpoints: [],
  deletions: [],
  receiver: [],
  callFaults: [],
  stepFaults: [],
  requestFaults: [],
};

export async function createFurniture(deployment: Deployment): Promise<Furniture> {
  const world = createWorld(CALM, deployment, { keepsTrace: false });
  const doing = <T>(what: () => Promise<T>) => whileTimePasses(world, what);
  const templates: string[][] = [];
  const labels = TEMPLATE_TEXTS.map((_, i) => `template-${i + 1}`);
  for (let owner = 0; owner < OWNERS; owner++) {
    const client = clientOf(world, owner);
    const own: string[] = [];
    for (const [i, texts] of TEMPLATE_TEXTS.entries()) {
      const bytes = docx(...texts);
      const options = { idempotencyKey: `template-${owner}-${i}` };
      const upload = () => client.uploadTemplate(`${labels[i]}.docx`, bytes, labels[i], options);
      own.push((await doing(upload)).templateId);
    }
    templates.push(own);
  }
  const items: Item[] = world.table.items().filter(({ pk }) => String(pk).startsWith('TPL#'));
  const objects = await Promise.all(
    world.objects.keys().map(async (key) => ({ key, bytes: await world.objects.read(key) })),
  );

  const contents = new Map<string, string>();
  for (const kind of ['good', 'fixed'] as const) {
    const data = Array.from({ length: MOST_ROWS }, (_, i) => rowOf(i + 1, kind));
    const body = { templateIds: templates[0] ?? [], data, autoStart: true };
    const task = await doing(() =>
      clientOf(world, 0).createTask({ body }, { idempotencyKey: kind }),
    );
    const archive = await world.objects.read(objectKeys.archive(task.taskId));
    const { documents, manifest } = await readFoundArchive(archive);
    const byName = new Map(documents.map(({ name, content }) => [name, content]));
    for (const line of manifest) {
      const content = byName.get(line.document ?? '');
      if (content === undefined) throw new Error(`Row ${line.row} was not made in a calm world.`);
      contents.set(`${line.row} ${kind} ${labels.indexOf(line.template)}`, content);
    }
  }

  return {
    templates,
    labels,
    contentOf(row, kind, template) {
      // A bad row differs from a good one in its name alone.
      const content = contents.get(`${row} ${kind === 'bad' ? 'good' : kind} ${template}`);
      if (content === undefined) throw new Error(`There is no row ${row}, template ${template}.`);
      return content;
    },
    async into({ table, objects: bucket }) {
      for (const item of items) {
        await table.put({ pk: String(item['pk']), sk: String(item['sk']) }, item);
      }
      for (const { key, bytes } of objects) await bucket.put(key, bytes);
    },
  };
}
