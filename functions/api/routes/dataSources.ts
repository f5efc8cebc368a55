/** Data sources: upload, read, look at. */
import {
  completeDataSource,
  createDataSource,
  getDataSource,
  listDataSources,
  previewRows,
} from '../../../shared/dataSources/dataSources.ts';
import { PageQuerySchema, ReadingOptionsSchema } from '../../../shared/schemas/common.ts';
import {
  CreatedDataSourceSchema,
  CreateDataSourceSchema,
  DataSourceViewSchema,
  PreviewQuerySchema,
  PreviewRowSchema,
} from '../../../shared/schemas/dataSourceApi.ts';
import { defineRoute, type Route } from '../route.ts';
import { dataSourceParams } from './params.ts';

const tag = 'Data sources';
const dataSource = { kind: 'data', name: 'DataSource', schema: DataSourceViewSchema } as const;

export const dataSourceRoutes: readonly Route[] = [
  defineRoute({
    operationId: 'createDataSource',
    method: 'POST',
    path: '/data-sources',
    tag,
    summary: 'Begin a data source: get a link to upload its file to',
    description: 'PUT the bytes to `upload.url` with `upload.headers`, then complete it.',
    body: { name: 'CreateDataSource', schema: CreateDataSourceSchema },
    answers: [
      { kind: 'data', status: 201, name: 'CreatedDataSource', schema: CreatedDataSourceSchema },
    ],
    problems: [],
    handle: async (ports, { ownerId, body }) => ({
      data: await createDataSource(ports, ownerId, body),
    }),
  }),
  defineRoute({
    operationId: 'listDataSources',
    method: 'GET',
    path: '/data-sources',
    tag,
    summary: 'List your data sources, newest first',
    query: PageQuerySchema,
    answers: [{ kind: 'page', name: 'DataSource', schema: DataSourceViewSchema }],
    problems: [],
    handle: (ports, { ownerId, query }) => listDataSources(ports, ownerId, query),
  }),
  defineRoute({
    operationId: 'getDataSource',
    method: 'GET',
    path: '/data-sources/{dataSourceId}',
    tag,
    summary: 'Look at a data source',
    description: 'Ask here until it is `ready`, or `invalid` with its problems.',
    params: dataSourceParams,
    answers: [{ ...dataSource, status: 200 }],
    problems: [],
    handle: async (ports, { ownerId, params }) => ({
      data: await getDataSource(ports, ownerId, params.dataSourceId),
    }),
  }),
  defineRoute({
    operationId: 'completeDataSource',
    method: 'POST',
    path: '/data-sources/{dataSourceId}/complete',
    tag,
    summary: 'Begin to read the uploaded file',
    description: 'Reading goes on after the answer. One that was completed is answered as it is.',
    params: dataSourceParams,
    body: { name: 'ReadingOptions', schema: ReadingOptionsSchema, optional: true },
    answers: [{ ...dataSource, status: 202 }],
    problems: ['INVALID_STATE', 'PAYLOAD_TOO_LARGE'],
    handle: async (ports, { ownerId, params, body }) => ({
      data: await completeDataSource(ports, ownerId, params.dataSourceId, body),
    }),
  }),
  defineRoute({
    operationId: 'previewRows',
    method: 'GET',
    path: '/data-sources/{dataSourceId}/rows',
    tag,
    summary: 'See the first rows as they were read',
    params: dataSourceParams,
    query: PreviewQuerySchema,
    answers: [{ kind: 'page', name: 'PreviewRow', schema: PreviewRowSchema }],
    problems: ['INVALID_STATE', 'DATA_INVALID'],
    handle: async (ports, { ownerId, params, query }) => ({
      data: await previewRows(ports, ownerId, params.dataSourceId, query.limit),
      nextCursor: null,
    }),
  }),
];
