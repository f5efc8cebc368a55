/** A check by itself: begun by its owner, made by the trial workflow. */
import type { Creation } from '../creation.ts';
import type { CreatedCheck } from '../schemas/checkApi.ts';
import type { OrderBody } from '../schemas/taskApi.ts';
import { beginTrial, type BeginPorts } from './beginTrial.ts';
import { createdView } from './checkViews.ts';

/**
 * Begins a check.
 * @throws Problem TEMPLATE_NOT_FOUND, DATA_SOURCE_NOT_FOUND, INVALID_STATE (a template or data source
 *   that is not ready), TEMPLATE_INVALID, DATA_INVALID, VALIDATION_ERROR
 */
export const createCheck = async (
  ports: BeginPorts,
  ownerId: string,
  body: OrderBody,
  creation: Creation,
): Promise<CreatedCheck> =>
  createdView(creation.id, await beginTrial(ports, ownerId, body, creation));
