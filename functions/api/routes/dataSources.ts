/** Data sources: upload, read, look at. */
import type { dataSourceRoutes } from '../../../shared/api/dataSources.ts';
import {
  completeDataSource,
  createDataSource,
  deleteDataSource,
  getDataSource,
  listDataSources,
  previewRows,
  sourceUpload,
} from '../../../shared/dataSources/dataSources.ts';
import type { Handlers } from '../route.ts';

export const dataSourceHandlers: Handlers<typeof dataSourceRoutes> = {
  createDataSource: {
    make: (ports, { ownerId, body }, creation) => createDataSource(ports, ownerId, body, creation),
    fresh: async (ports, _request, created) => ({ upload: await sourceUpload(ports, created) }),
  },
  listDataSources: (ports, { ownerId, query }) => listDataSources(ports, ownerId, query),
  getDataSource: async (ports, { ownerId, params }) => ({
    data: await getDataSource(ports, ownerId, params.dataSourceId),
  }),
  deleteDataSource: async (ports, { ownerId, params }) => {
    await deleteDataSource(ports, ownerId, params.dataSourceId);
    return { empty: true };
  },
  completeDataSource: async (ports, { ownerId, params, body }) => ({
    data: await completeDataSource(ports, ownerId, params.dataSourceId, body),
  }),
  previewRows: async (ports, { ownerId, params, query }) => ({
    data: await previewRows(ports, ownerId, params.dataSourceId, query),
    nextCursor: null,
  }),
};
