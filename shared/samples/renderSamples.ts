/** Making the documents of samples: the very ones that a task makes of these rows, each by itself and in one ZIP. */
import { assembleArchive } from '../archive/assembleArchive.ts';
import { manifestLines, readEntries } from '../archive/segmentReader.ts';
import { runLanes } from '../boundedWork.ts';
import type { NumberedRow } from '../dataSources/rows.ts';
import { readRowsAt } from '../dataSources/rowsAt.ts';
import { objectKeys } from '../keys.ts';
import { SAMPLES_AT_ONCE } from '../limits.ts';
import type { OpenedOrder } from '../orders/openOrder.ts';
import type { Ports } from '../ports.ts';
import type { RowFailure } from '../schemas/common.ts';
import type { Order, Segment } from '../schemas/items.ts';
import type { SampleDocument } from '../schemas/samples.ts';
import { createRendering } from '../shards/rendering.ts';
import { createSelection } from '../shards/selection.ts';
import type { PartOutcome, WorkSession } from '../shards/work.ts';
import { DOCX_MEDIA_TYPE } from '../templates/templates.ts';
import type { RowChoice } from './chooseRows.ts';

const NO_TIME: RowFailure = {
  code: 'TIMEOUT',
  detail:
    'There was no time left for this sample, which says nothing of the document that a task makes. Name this row in `rows`, with fewer others.',
};

export interface Rendering {
  readonly sampleId: string;
  readonly order: Order;
  readonly opened: OpenedOrder;
  /** Ascending. */
  readonly chosen: readonly RowChoice[];
  /** What is left for it, in ms. */
  readonly leftMs: () => number;
}

export interface RenderedSamples {
  readonly documents: readonly SampleDocument[];
  /** Size of the ZIP; undefined when there is none, because no document was made. */
  readonly zipBytes: number | undefined;
}

/**
 * Makes the documents, and writes each with an archive of all of them. A repeat writes the same.
 * @throws ObjectMissing
 */
export async function renderSamples(
  ports: Pick<Ports, 'objects'>,
  rendering: Rendering,
): Promise<RenderedSamples> {
  const { sampleId, order } = rendering;
  const { segment, made } = await renderRows(ports, rendering);
  const named = await namesOf(ports, segment);
  const labels = order.templates.map(({ label }) => label);
  const documents = made.map(({ row, part, why, outcome }): SampleDocument => {
    const template = labels[part] ?? '';
    const document = { row, part, template, why };
    if (outcome.status === 'failed')
      return { ...document, status: 'failed', failure: outcome.failure };
    if (outcome.status === 'unfinished') return { ...document, status: 'failed', failure: NO_TIME };
    return { ...document, status: outcome.status, ...named.get(placeOf(row, template)) };
  });
  await copyDocuments(ports, sampleId, segment, documents);
  if (segment.documents === 0) return { documents, zipBytes: undefined };
  const { bytes } = await assembleArchive(ports, {
    archiveKey: objectKeys.samplesArchive(sampleId),
    failuresKey: objectKeys.samplesFailures(sampleId),
    contributions: [{ segments: [segment] }],
  });
  return { documents, zipBytes: bytes };
}

interface MadeDocument {
  readonly row: number;
  readonly part: number;
  readonly why: string;
  readonly outcome: PartOutcome;
}

async function renderRows(
  ports: Pick<Ports, 'objects'>,
  { sampleId, order, opened: { index, compared }, chosen, leftMs }: Rendering,
): Promise<{ segment: Segment; made: MadeDocument[] }> {
  const fileName = compared.spellings.at(-1);
  const spellings = { templates: compared.spellings, ...(fileName && { fileName }) };
  const work = (await createRendering(ports, order, spellings))();
  const session = await work.open(objectKeys.samplesSegment(sampleId), undefined);
  const select = createSelection(order) ?? (() => true as const);
  const reasons = new Map(chosen.map(({ row, why }) => [row, why]));
  const made: MadeDocument[] = [];

  async function renderRow(numbered: NumberedRow): Promise<void> {
    session.row({ ...numbered, selected: select(numbered) }, 0);
    const { row } = numbered;
    for (let part = 0; part < work.parts; part++) {
      const left = leftMs();
      const outcome = await partOf(session, Math.min(work.partMs, left));
      made.push({ row, part, why: reasons.get(row) ?? '', outcome });
      if (session.full) await session.flush();
    }
  }

  try {
    const rows = chosen.map(({ row }) => row);
    for await (const row of readRowsAt(ports, order, index, rows)) await renderRow(row);
    return { segment: await session.finish(), made };
  } catch (error) {
    await session.abort();
    throw error;
  }
}

const partOf = (session: WorkSession, timeMs: number): PartOutcome | Promise<PartOutcome> =>
  timeMs > 0 ? session.part(timeMs) : { status: 'unfinished' };

const placeOf = (row: number, template: string) => `${row} ${template}`;

/** What the documents of a segment are called, by their places. */
async function namesOf(ports: Pick<Ports, 'objects'>, segment: Segment) {
  const named = new Map<string, { name: string; bytes: number }>();
  for await (const { line } of manifestLines(ports, segment)) {
    if (line.status !== 'succeeded') continue;
    named.set(placeOf(line.row, line.template), { name: line.document, bytes: line.bytes });
  }
  return named;
}

/** Each by itself; they lie in the segment in their order. */
async function copyDocuments(
  ports: Pick<Ports, 'objects'>,
  sampleId: string,
  segment: Segment,
  documents: readonly SampleDocument[],
): Promise<void> {
  if (segment.documents === 0) return;
  const entries = await readEntries(ports, segment);
  const made = documents.filter(({ status }) => status === 'succeeded');
  const work = made.map(({ row, part }, i) => async () => {
    const entry = entries[i];
    if (!entry) throw new Error(`The samples have no entry for row ${row}.`);
    const range = { offset: entry.offset, length: entry.size };
    const bytes = await ports.objects.read(segment.key, range);
    const key = objectKeys.sampleDocument(sampleId, row, part);
    await ports.objects.put(key, bytes, { contentType: DOCX_MEDIA_TYPE });
  });
  await runLanes([{ atOnce: SAMPLES_AT_ONCE, work }]);
}
