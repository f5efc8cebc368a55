/** Checks: begin one, look at it, download its report. */
import type { checkRoutes } from '../../../shared/api/checks.ts';
import { createCheck } from '../../../shared/trials/createCheck.ts';
import { getCheck, getCheckReport } from '../../../shared/trials/readCheck.ts';
import type { Handlers } from '../route.ts';

export const checkHandlers: Handlers<typeof checkRoutes> = {
  createCheck: {
    make: (ports, { ownerId, body }, creation) => createCheck(ports, ownerId, body, creation),
    fresh: () => Promise.resolve({}),
  },
  getCheck: async (ports, { ownerId, params }) => ({
    data: await getCheck(ports, ownerId, params.checkId),
  }),
  downloadCheckReport: async (ports, { ownerId, params }) => ({
    link: await getCheckReport(ports, ownerId, params.checkId),
  }),
};
