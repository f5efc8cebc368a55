/** The service itself: is it there, and what does it offer? */
import { contract } from '../../../shared/api/contract.ts';
import type { serviceRoutes } from '../../../shared/api/service.ts';
import { prepareOpenApi } from '../openApi.ts';
import type { Handlers } from '../route.ts';
import { VERSION } from '../version.ts';

export const serviceHandlers: Handlers<typeof serviceRoutes> = {
  getHealth: async () => ({ data: { status: 'ok', version: VERSION } }),
  getOpenApi: async () => ({ document: prepareOpenApi(contract) }),
};
