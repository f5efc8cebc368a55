/**
 * A workbook of others that is changed: parts that are written anew or in places, and all others as they are
 * compressed.
 */
import { SourceFault } from '../../../dataSources/sourceFault.ts';
import type { WorkbookPackage } from '../../../dataSources/xlsx/package.ts';
import type { Workbook } from '../../../dataSources/xlsx/workbook.ts';
import { XmlTooLarge } from '../../../office/xmlElements.ts';
import { XmlMalformed } from '../../../office/xmlScan.ts';
import {
  createDeflatedEntries,
  type ByteSink,
  type DeflatedEntries,
} from '../../../zip/deflatedEntries.ts';
import { FLAG_ENCRYPTED, METHOD_DEFLATE, METHOD_STORED } from '../../../zip/layout.ts';
import { EntryBroken } from '../../../zip/rangedZip.ts';
import {
  addContentType,
  addRelationship,
  freePart,
  type ChangingParts,
  type Dialect,
} from './packageParts.ts';

/** The workbook cannot be changed. The message says why, as the middle of a sentence. */
export class NotChangeable extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'NotChangeable';
  }
}

/**
 * What `change` gives.
 * @throws NotChangeable where the workbook is not what was read, or parts of it are no XML; what else `change` throws
 */
export async function changeWorkbook<T>(change: () => Promise<T>): Promise<T> {
  try {
    return await change();
  } catch (error) {
    if (error instanceof SourceFault || error instanceof EntryBroken)
      throw new NotChangeable('it cannot be read as it was when its rows were read', {
        cause: error,
      });
    if (error instanceof XmlMalformed)
      throw new NotChangeable('one of its parts is not well-formed XML', { cause: error });
    if (error instanceof XmlTooLarge)
      throw new NotChangeable('one of its parts has more elements than are read', { cause: error });
    throw error;
  }
}

/** What was stored otherwise than Office stores it would be copied, and opened by nobody. */
export function requireUsualEntries({ entries }: WorkbookPackage) {
  const isUsual = entries.every(
    ({ method, flags }) =>
      (method === METHOD_STORED || method === METHOD_DEFLATE) && (flags & FLAG_ENCRYPTED) === 0,
  );
  if (!isUsual) throw new NotChangeable('some of its parts are encrypted, or compressed unusually');
}

/** Parts that are changed, added and taken away. */
export interface Changes extends ChangingParts {
  /** By the names of entries, those that are added behind the others. */
  readonly changed: ReadonlyMap<string, string>;
  readonly isRemoved: (name: string) => boolean;
}

export function createChanges(parts: WorkbookPackage): Changes {
  const changed = new Map<string, string>();
  const removed = new Set<string>();
  const entryOf = (name: string) => (parts.has(name) ? parts.recordOf(name).name : name);
  return {
    changed,
    isRemoved: (name) => removed.has(name),
    has: (name) => (parts.has(name) || changed.has(name)) && !removed.has(entryOf(name)),
    text: async (name) => changed.get(entryOf(name)) ?? (await parts.text(name)),
    set: (name, text) => {
      changed.set(entryOf(name), text);
    },
    remove: (name) => {
      removed.add(entryOf(name));
    },
  };
}

/** The folder of a part, with its slash. */
export const folderOf = (part: string) => part.slice(0, part.lastIndexOf('/') + 1);

const STYLES_TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml';

/** Changes the styles, which a workbook may have none of. @param change makes another text of the part's */
export async function changeStyles<S extends { readonly text: string }>(
  parts: ChangingParts,
  workbook: Pick<Workbook, 'part' | 'stylesPart'>,
  { main, relationships }: Dialect,
  change: (given: string | undefined, namespace: string) => S,
): Promise<S> {
  const { stylesPart } = workbook;
  const styles = change(stylesPart === undefined ? undefined : await parts.text(stylesPart), main);
  if (stylesPart !== undefined) {
    parts.set(stylesPart, styles.text);
    return styles;
  }
  const usual = `${folderOf(workbook.part)}styles.xml`;
  const part = parts.has(usual) ? freePart(parts, usual.replace(/\.xml$/, ''), '.xml') : usual;
  parts.set(part, styles.text);
  await addContentType(parts, part, STYLES_TYPE);
  await addRelationship(parts, workbook.part, `${relationships}/styles`, part);
  return styles;
}

/** Bytes that take the place of a stretch of the part. */
export interface PartEdit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Edits in their order, without overlap. */
export type PartEdits = Iterable<PartEdit> | AsyncIterable<PartEdit>;

/**
 * Writes all parts in the order in which they were, and new ones behind them.
 * @param edits of large parts, by their names
 */
export async function writeChanged(
  parts: WorkbookPackage,
  { changed, isRemoved }: Changes,
  edits: ReadonlyMap<string, PartEdits>,
  to: ByteSink,
) {
  const zip = createDeflatedEntries(to);
  const sheetEdits = new Map([...edits].map(([part, its]) => [parts.recordOf(part), its]));
  for (const entry of parts.entries) {
    if (isRemoved(entry.name)) continue;
    const text = changed.get(entry.name);
    const its = sheetEdits.get(entry);
    if (its) await writeSheet(zip, parts, entry.name, its);
    else if (text !== undefined && parts.recordOf(entry.name) === entry)
      await writeText(zip, entry.name, text);
    else await zip.copy(entry, parts.compressed(entry));
  }
  for (const [name, text] of changed) if (!parts.has(name)) await writeText(zip, name, text);
  await zip.finish();
}

async function writeSheet(
  zip: DeflatedEntries,
  parts: WorkbookPackage,
  name: string,
  edits: PartEdits,
) {
  zip.begin(name);
  for await (const piece of edited(parts.stream(name), edits)) {
    zip.writeBytes(piece);
    if (zip.full) await zip.flush();
  }
  await zip.end();
}

async function writeText(zip: DeflatedEntries, name: string, text: string) {
  zip.begin(name);
  zip.write(text);
  await zip.end();
}

/** The bytes of a part with edits made; an edit is asked for when its place is near. */
export async function* edited(
  pieces: AsyncIterable<Uint8Array>,
  edits: PartEdits,
): AsyncGenerator<Uint8Array, void, undefined> {
  const iterator: AsyncIterator<PartEdit, unknown> | Iterator<PartEdit, unknown> =
    Symbol.asyncIterator in edits ? edits[Symbol.asyncIterator]() : edits[Symbol.iterator]();
  const nextEdit = async () => {
    const result = await iterator.next();
    return result.done ? undefined : result.value;
  };
  let at = 0;
  let edit = await nextEdit();
  /** Up to here the part is replaced. */
  let replaced = 0;
  for await (const piece of pieces) {
    const end = at + piece.length;
    let from = Math.min(Math.max(at, replaced), end);
    for (; edit && edit.start < end; edit = await nextEdit()) {
      if (edit.start > from) yield piece.subarray(from - at, edit.start - at);
      yield Buffer.from(edit.text);
      replaced = edit.end;
      from = Math.min(Math.max(from, replaced), end);
    }
    if (from < end) yield piece.subarray(from - at);
    at = end;
  }
}
