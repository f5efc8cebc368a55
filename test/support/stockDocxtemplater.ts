/** docxtemplater and pizzip as their users call them: what every engine's documents must equal. */
import Docxtemplater from 'docxtemplater';
import PizZip from 'pizzip';
import type { Row } from '../../shared/schemas/common.ts';
import { readParts } from './readParts.ts';

/** Every part of the document by name. @throws docxtemplater's error */
export async function stockParts(template: Uint8Array, row: Row): Promise<Map<string, Buffer>> {
  const document = new Docxtemplater(new PizZip(Buffer.from(template)), {
    paragraphLoop: true,
    linebreaks: true,
    errorLogging: false,
    nullGetter: () => '',
    parser: (tag) => ({ get: (scope: unknown, context) => valueAt(tag.trim(), scope, context) }),
  });
  return readParts(document.render(row).toBuffer());
}

/** A whole key, or a path with dots; own properties only. `.` is the scope, but never an outer one. */
function valueAt(
  tag: string,
  scope: unknown,
  { num, scopeList }: Docxtemplater.DXT.ParserContext,
): unknown {
  if (tag === '.') return num + 1 === scopeList.length ? scope : undefined;
  const step = (from: unknown, key: string): unknown =>
    Object(from) === from && Object.prototype.hasOwnProperty.call(from, key)
      ? (from as Record<string, unknown>)[key]
      : undefined;
  return (
    step(scope, tag) ?? (step(scope, tag) === null ? null : tag.split('.').reduce(step, scope))
  );
}
