/** The table of all routes. */
import { buildOpenApi } from '../openApi.ts';
import type { Route } from '../route.ts';
import { dataSourceRoutes } from './dataSources.ts';
import { serviceRoutes } from './service.ts';
import { streamRoutes } from './stream.ts';
import { taskResultRoutes } from './taskResults.ts';
import { taskRoutes } from './tasks.ts';
import { templateRoutes } from './templates.ts';

export const routes: readonly Route[] = [
  ...templateRoutes,
  ...dataSourceRoutes,
  ...taskRoutes,
  ...taskResultRoutes,
  ...streamRoutes,
  ...serviceRoutes(() => buildOpenApi(routes)),
];
