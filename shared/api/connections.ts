/** Connections to services that row steps call. */
import { PageQuerySchema } from '../schemas/common.ts';
import { ConnectionViewSchema, CreateConnectionSchema } from '../schemas/serviceConnectionApi.ts';
import { connectionParams } from './params.ts';
import { defineRoutes } from './route.ts';

const tag = 'Connections';
const view = { name: 'Connection', schema: ConnectionViewSchema } as const;

export const connectionRoutes = defineRoutes({
  createConnection: {
    method: 'POST',
    path: '/connections',
    tag,
    summary: 'Name a service that rows are sent to',
    description:
      'What `secretHeaders` hold is kept encrypted, sent to this service alone, and never shown again: the answers have their names. To change it, make another connection.',
    creates: { kind: 'connection', fresh: [] },
    body: { name: 'CreateConnection', schema: CreateConnectionSchema },
    answers: [{ kind: 'data', status: 201, ...view }],
    problems: ['LIMIT_EXCEEDED'],
  },
  listConnections: {
    method: 'GET',
    path: '/connections',
    tag,
    summary: 'List your connections, newest first',
    query: PageQuerySchema,
    answers: [{ kind: 'page', ...view }],
    problems: [],
  },
  getConnection: {
    method: 'GET',
    path: '/connections/{connectionId}',
    tag,
    summary: 'Get one connection',
    params: connectionParams,
    answers: [{ kind: 'data', status: 200, ...view }],
    problems: [],
  },
  deleteConnection: {
    method: 'DELETE',
    path: '/connections/{connectionId}',
    tag,
    summary: 'Delete a connection, and what its secret headers hold',
    params: connectionParams,
    answers: [{ kind: 'empty' }],
    problems: [],
  },
});
