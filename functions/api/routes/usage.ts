/** What an owner has of what may be had. */
import type { usageRoutes } from '../../../shared/api/usage.ts';
import { readUsage } from '../../../shared/queue/usage.ts';
import type { Handlers } from '../route.ts';

export const usageHandlers: Handlers<typeof usageRoutes> = {
  getUsage: async (ports, { ownerId }) => ({ data: await readUsage(ports, ownerId) }),
};
