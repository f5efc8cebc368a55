/** The sheet to fill in for a template: made when it is asked for, and linked. */
import { downloadLink } from '../downloadLink.ts';
import { objectKeys } from '../keys.ts';
import type { Ports } from '../ports.ts';
import { cutEnd, safeCharacters, safeEdges } from '../rendering/safeNames.ts';
import type { Download } from '../schemas/taskApi.ts';
import { requireReadyTemplate } from '../templates/templates.ts';
import { XLSX_MEDIA_TYPE } from '../workbooks/workbookWriter.ts';
import { writeDataSheet } from './writeDataSheet.ts';

/** A name of a file with its ending has 255 bytes on all systems. */
const MAX_NAME_BYTES = 200;

/**
 * A link to the sheet. It is written anew each time, from the tags of the template's item: the same tags give the
 * same bytes, and a later version of Sheaf gives its own.
 * @throws Problem TEMPLATE_NOT_FOUND, INVALID_STATE before the template is ready
 */
export async function getDataSheet(
  ports: Pick<Ports, 'table' | 'objects' | 'clock'>,
  ownerId: string,
  templateId: string,
): Promise<Download> {
  const { name, tags = [] } = await requireReadyTemplate(ports, ownerId, templateId);
  const pieces: Buffer[] = [];
  const sink = {
    append: (bytes: Uint8Array) => void pieces.push(Buffer.from(bytes)),
    flush: () => Promise.resolve(),
  };
  await writeDataSheet(sink, { name, tags });
  const workbook = Buffer.concat(pieces);
  const key = objectKeys.dataSheet(templateId);
  await ports.objects.put(key, workbook, { contentType: XLSX_MEDIA_TYPE });
  const safe = safeEdges(cutEnd(safeCharacters(name), MAX_NAME_BYTES));
  return downloadLink(ports, key, {
    fileName: `${safe === '' ? 'template' : safe}-data.xlsx`,
    contentType: XLSX_MEDIA_TYPE,
    bytes: workbook.length,
  });
}
