/** What a request says, as a number to compare it by: which values it holds cannot be told from it. */
import { createHmac } from 'node:crypto';

/**
 * The same for requests that say the same, however their JSON is spaced and its fields are ordered. Made
 * with the client's key, which is stored nowhere: nobody who reads the table can try values of rows.
 * @param content JSON, nested as deep as bodies may be
 */
export const fingerprintOf = (key: string, content: unknown): string =>
  createHmac('sha256', key)
    .update(JSON.stringify(content, sorted) ?? '')
    .digest('hex');

function sorted(_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
