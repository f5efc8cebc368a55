/** What an order makes, as a hash: whoever approves samples approves this. */
import { createHash, hash } from 'node:crypto';
import type { Ports } from '../ports.ts';
import type { Order } from '../schemas/items.ts';

/** Another number makes every hash another one. */
const VERSION = 1;

/**
 * A digest of everything that its documents follow from: the files of the templates and what they are called,
 * the rows, the pattern of names, and the options that change a document. Not of how fast it is made.
 * @returns SHA-256, in hex
 * @throws ObjectMissing when rows that came inline are gone
 */
export async function orderHash(ports: Pick<Ports, 'objects'>, order: Order): Promise<string> {
  const { templates, fileName, options } = order;
  const { missingValue, emptyParagraphs, mapping = {}, rows, filter, groupBy } = options;
  const told = [
    VERSION,
    templates.map(({ sha256, label }) => [sha256, label]),
    await rowsOf(ports, order),
    fileName,
    missingValue,
    emptyParagraphs,
    Object.entries(mapping).sort(([a], [b]) => (a < b ? -1 : 1)),
    rows ?? null,
    filter ?? null,
    groupBy ?? null,
  ];
  return hash('sha256', JSON.stringify(told), 'hex');
}

/** What rows there are: a data source that is ready does not change any more. */
async function rowsOf(
  { objects }: Pick<Ports, 'objects'>,
  { dataSourceId, ungrouped, rowsKey }: Order,
): Promise<string> {
  if (dataSourceId !== undefined) return dataSourceId;
  const digest = createHash('sha256');
  for await (const piece of objects.stream(ungrouped?.rowsKey ?? rowsKey)) digest.update(piece);
  return digest.digest('hex');
}
