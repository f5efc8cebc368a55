/** Samples of an order: begun by its owner, made by the trial workflow. */
import type { Creation } from '../creation.ts';
import { namedRows } from '../samples/namedRows.ts';
import type { CreatedSamples, CreateSamples } from '../schemas/sampleApi.ts';
import { beginTrial, type BeginPorts } from './beginTrial.ts';
import { createdSamplesView } from './sampleViews.ts';

/**
 * Begins samples.
 * @throws Problem TEMPLATE_NOT_FOUND, DATA_SOURCE_NOT_FOUND, INVALID_STATE (a template or data source
 *   that is not ready), TEMPLATE_INVALID, DATA_INVALID, VALIDATION_ERROR
 */
export async function createSamples(
  ports: BeginPorts,
  ownerId: string,
  { rows, ...body }: CreateSamples,
  creation: Creation,
): Promise<CreatedSamples> {
  const begun = await beginTrial(ports, ownerId, body, creation, (order) => {
    if (rows === undefined) return {};
    namedRows(rows, order.rowCount);
    return { named: rows };
  });
  return createdSamplesView(creation.id, begun);
}
