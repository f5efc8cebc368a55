/** What every simulated world has before a scenario begins, made once in a calm one: templates, and what each row gives. */
import { objectKeys } from '../../shared/keys.ts';
import { docx } from '../support/docx.ts';
import { readFoundArchive } from './archive.ts';
import { clientOf } from './people.ts';
import { whileTimePasses } from './rest.ts';
import { GROUP_COLUMN, rowOf, TEMPLATE_TEXTS, type RowKind } from './rows.ts';
import { MOST_GROUPED_ROWS, MOST_IN_GROUP, MOST_ROWS, OWNERS, type Scenario } from './scenario.ts';
import { createWorld, type Deployment, type World } from './world/world.ts';
import type { Item } from '../../shared/ports.ts';
import type { Row } from '../../shared/schemas/common.ts';

export interface Furniture {
  /** Ids of the templates, by owner. */
  readonly templates: readonly (readonly string[])[];
  /** Labels of the templates, as reports have them. */
  readonly labels: readonly string[];
  /** What a document holds (archive.ts, fingerprint) that can be made. */
  contentOf(document: DocumentOf): string;
  /** Puts the templates into a world. */
  into(world: World): Promise<void>;
}

/** What a document is made from. */
export interface DocumentOf {
  /** Of its row's values, or of those of the first row of its group (rows.ts). */
  readonly number: number;
  readonly kind: RowKind;
  readonly template: number;
  /** How many rows are in its group; 0 for a row by itself. */
  readonly group: number;
}

/** A bad row that can be made is as a good one: what differs is not in its document. */
const keyOf = ({ number, kind, template, group }: DocumentOf) =>
  `${number} ${kind === 'bad' ? 'good' : kind} ${template} ${group}`;

/** Rows of a calm task, and of which document each is the first: those by themselves, or every group that there may be. */
function calmRows(kind: RowKind, isGrouped: boolean) {
  const data: Row[] = [];
  const documents: ({ readonly number: number; readonly group: number } | undefined)[] = [];
  const add = (number: number, as: RowKind, team?: string) =>
    data.push({ ...rowOf(number, as), ...(team !== undefined && { [GROUP_COLUMN]: team }) });
  for (let number = 1; number <= (isGrouped ? MOST_GROUPED_ROWS : MOST_ROWS); number++) {
    for (let group = isGrouped ? 1 : 0; group <= (isGrouped ? MOST_IN_GROUP : 0); group++) {
      for (let i = 0; i < Math.max(1, group); i++) {
        add(number + i, i === 0 ? kind : 'good', isGrouped ? `${number} ${group}` : undefined);
        documents.push(i === 0 ? { number, group } : undefined);
      }
    }
  }
  return { data, documents };
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
    for (const isGrouped of [false, true]) {
      const { data, documents: made } = calmRows(kind, isGrouped);
      const options = isGrouped ? { groupBy: GROUP_COLUMN } : {};
      const body = { templateIds: templates[0] ?? [], data, options, autoStart: true };
      const task = await doing(() =>
        clientOf(world, 0).createTask({ body }, { idempotencyKey: `${kind} ${isGrouped}` }),
      );
      const archive = await world.objects.read(objectKeys.archive(task.taskId));
      const { documents, manifest } = await readFoundArchive(archive);
      const byName = new Map(documents.map(({ name, content }) => [name, content]));
      for (const line of manifest) {
        const document = made[line.row - 1];
        if (!document) continue;
        const content = byName.get(line.document ?? '');
        if (content === undefined) throw new Error(`Row ${line.row} was not made in a calm world.`);
        contents.set(
          keyOf({ ...document, kind, template: labels.indexOf(line.template) }),
          content,
        );
      }
    }
  }

  return {
    templates,
    labels,
    contentOf(document) {
      const content = contents.get(keyOf(document));
      if (content === undefined) throw new Error(`Nobody made ${keyOf(document)}.`);
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
