/** Data sources: upload, read, look at. */
import { PageQuerySchema, ReadingOptionsSchema } from '../schemas/common.ts';
import {
  CreatedDataSourceSchema,
  CreateDataSourceSchema,
  DataSourceViewSchema,
  PreviewQuerySchema,
  PreviewRowSchema,
} from '../schemas/dataSourceApi.ts';
import { dataSourceParams } from './params.ts';
import { defineRoutes } from './route.ts';

const tag = 'Data sources';
const dataSource = { kind: 'data', name: 'DataSource', schema: DataSourceViewSchema } as const;

export const dataSourceRoutes = defineRoutes({
  createDataSource: {
    method: 'POST',
    path: '/data-sources',
    tag,
    summary: 'Begin a data source: get a link to upload its file to',
    description: 'PUT the bytes to `upload.url` with `upload.headers`, then complete it.',
    creates: { kind: 'dataSource', fresh: ['upload'] },
    body: { name: 'CreateDataSource', schema: CreateDataSourceSchema },
    answers: [
      { kind: 'data', status: 201, name: 'CreatedDataSource', schema: CreatedDataSourceSchema },
    ],
    problems: [],
  },
  listDataSources: {
    method: 'GET',
    path: '/data-sources',
    tag,
    summary: 'List your data sources, newest first',
    query: PageQuerySchema,
    answers: [{ kind: 'page', name: 'DataSource', schema: DataSourceViewSchema }],
    problems: [],
  },
  getDataSource: {
    method: 'GET',
    path: '/data-sources/{dataSourceId}',
    tag,
    summary: 'Look at a data source',
    description: 'Ask here until it is `ready`, or `invalid` with its problems.',
    params: dataSourceParams,
    answers: [{ ...dataSource, status: 200 }],
    problems: [],
  },
  deleteDataSource: {
    method: 'DELETE',
    path: '/data-sources/{dataSourceId}',
    tag,
    summary: 'Delete a data source',
    description:
      'It is not there any more at once. Tasks that were made with it go on; its rows are removed when the last of them is gone.',
    params: dataSourceParams,
    answers: [{ kind: 'empty' }],
    problems: [],
  },
  completeDataSource: {
    method: 'POST',
    path: '/data-sources/{dataSourceId}/complete',
    tag,
    summary: 'Begin to read the uploaded file',
    description:
      'Reading goes on after the answer. One that is being read, or is ready, is answered as it is; one that is invalid is read again with other options, or when another file was uploaded since.',
    repeatable: true,
    params: dataSourceParams,
    body: { name: 'ReadingOptions', schema: ReadingOptionsSchema, optional: true },
    answers: [{ ...dataSource, status: 202 }],
    problems: ['INVALID_STATE', 'PAYLOAD_TOO_LARGE'],
  },
  previewRows: {
    method: 'GET',
    path: '/data-sources/{dataSourceId}/rows',
    tag,
    summary: 'See the first rows, or named ones, as they were read',
    params: dataSourceParams,
    query: PreviewQuerySchema,
    answers: [{ kind: 'page', name: 'PreviewRow', schema: PreviewRowSchema }],
    problems: ['INVALID_STATE', 'DATA_INVALID', 'DOWNLOAD_FAILED'],
  },
});
