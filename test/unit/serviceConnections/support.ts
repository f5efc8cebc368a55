/** Connections in memory. */
import { type Creation, newCreation } from '../../../shared/creation.ts';
import type { Ports } from '../../../shared/ports.ts';
import { CreateConnectionSchema } from '../../../shared/schemas/serviceConnectionApi.ts';
import { createConnection } from '../../../shared/serviceConnections/connections.ts';
import { OWNER } from '../../support/tasks.ts';

export const BASE = 'https://api.dify.ai/v1';
/** What no one but the service may see. */
export const MARKER = 'app-marker-4711';

/** Makes one as a client would, with a secret header unless the body says otherwise. */
export const givenConnection = (
  ports: Ports,
  body: object = {},
  { ownerId = OWNER, creation }: { ownerId?: string; creation?: Creation } = {},
) =>
  createConnection(
    ports,
    ownerId,
    CreateConnectionSchema.parse({
      name: 'Dify',
      baseUrl: BASE,
      secretHeaders: { Authorization: `Bearer ${MARKER}` },
      ...body,
    }),
    creation ?? newCreation('connection', ports),
  );
