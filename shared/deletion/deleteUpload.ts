/**
 * Deleting a template, a data source or a trial, because its owner says so, its time has passed, or its file
 * never came. It is marked first: from that write on it is there for nobody. Its objects go when no task uses them any more,
 * then its item. Each step may be repeated, and what a process left undone the sweeper does.
 */
import { itemOf, objectPrefixes } from '../keys.ts';
import { DELETION_STALE_SECONDS, SECOND_DELETION_SECONDS, SECONDS_PER_DAY } from '../limits.ts';
import type { Condition, ItemKey, Ports } from '../ports.ts';
import { clearItems, clearObjects } from './clear.ts';
import { uploadNotes, type DueNote } from './dueNotes.ts';
import { isUsed } from './uses.ts';

type DeletionPorts = Pick<Ports, 'table' | 'objects' | 'clock' | 'log'>;

/** What is deleted alike. */
interface Place {
  readonly item: ItemKey;
  readonly prefix: string;
}

const placeOf = (id: string): Place => ({ item: itemOf(id), prefix: prefixOf(id) });

function prefixOf(id: string): string {
  if (id.startsWith('tpl_')) return objectPrefixes.template(id);
  return id.startsWith('ds_') ? objectPrefixes.source(id) : objectPrefixes.trial(id);
}

/** State of an item that is marked: no reader sees it, and no change of another state holds. */
const DELETED = 'deleted';

/** Holds while a template or data source is not deleted: of every change of one. */
export const isThere: Condition = { attribute: 'status', is: '<>', value: DELETED };

const seconds = ({ clock }: Pick<Ports, 'clock'>) => Math.floor(clock.now() / 1000);

const mark = (ports: DeletionPorts, { item }: Place, condition: Condition) =>
  ports.table.update(
    item,
    {
      set: { status: DELETED, expiresAt: seconds(ports) - DELETION_STALE_SECONDS },
      remove: ['ownerKey', 'ownerSort'],
    },
    { all: [{ present: 'pk' }, isThere, condition] },
  );

/**
 * Deletes a template or data source that its owner was found to have. Tasks that use it go on with it.
 * @param id of an item that is there
 */
export async function deleteUpload(ports: DeletionPorts, id: string): Promise<void> {
  const dueAt = seconds(ports);
  await uploadNotes.note(ports, { id, dueAt, notedAt: ports.clock.now() });
  await mark(ports, placeOf(id), { present: 'pk' });
  try {
    await finishUpload(ports, id);
  } catch (error) {
    // It is deleted for everybody; what is left of it is the sweeper's.
    const { name } = error instanceof Error ? error : { name: 'unknown' };
    ports.log.warn('A deletion is to be finished by the sweeper.', { id, error: name });
  }
}

/** What is left to be done: more, at once; or later, as a task still uses it; wanted: it is not deleted. */
type Deletion = 'done' | 'more' | 'later' | 'wanted';

async function finishUpload(ports: DeletionPorts, id: string): Promise<Deletion> {
  const place = placeOf(id);
  const find = () => ports.table.get(place.item);
  if (await find()) return 'wanted';
  await mark(ports, place, { attribute: 'expiresAt', is: '<=', value: seconds(ports) });
  // Completed in the moment in which it expired, perhaps: marked, it cannot be any more.
  if (await find()) return 'wanted';
  if (await isUsed(ports, id)) return 'later';
  if (await clearObjects(ports, place.prefix)) return 'more';
  if (await clearItems(ports, place.item)) return 'more';
  await ports.table.delete(place.item, { attribute: 'status', is: '=', value: DELETED });
  return 'done';
}

/**
 * Deletes what is due of templates, data sources and trials, for the sweeper: those whose file never came or
 * whose time has passed, and what earlier deletions left. What does not fit into the time is left to the next call.
 * @param untilMs no further page is begun after this, by the monotonic clock
 */
export async function expireUploads(
  ports: DeletionPorts,
  { untilMs }: { readonly untilMs: number },
): Promise<void> {
  const isOver = () => ports.clock.monotonicMs() >= untilMs;
  for await (const due of uploadNotes.at(ports, seconds(ports))) {
    let deletion: Deletion = 'more';
    while (deletion === 'more' && !isOver()) deletion = await finishUpload(ports, due.id);
    // A function that was frozen may still write something of it: that is looked for once more.
    if (deletion === 'done') await again(ports, due, SECOND_DELETION_SECONDS);
    if (deletion === 'later') await again(ports, due, SECONDS_PER_DAY);
    if (deletion === 'wanted') await uploadNotes.dropIfOld(ports, due);
    if (isOver()) break;
  }
}

/** Puts off what is left; after the second time nothing is. */
async function again(ports: DeletionPorts, due: DueNote, afterSeconds: number): Promise<void> {
  const isDone = afterSeconds === SECOND_DELETION_SECONDS;
  if (!(isDone && due.isSecond)) {
    const dueAt = seconds(ports) + afterSeconds;
    await uploadNotes.note(ports, { id: due.id, dueAt, ...(isDone && { isSecond: true }) });
  }
  await uploadNotes.drop(ports, due);
}
