/** Samples: begin them, look at them. */
import type { sampleRoutes } from '../../../shared/api/samples.ts';
import { createSamples } from '../../../shared/trials/createSamples.ts';
import { getSamples } from '../../../shared/trials/readSamples.ts';
import type { Handlers } from '../route.ts';

export const sampleHandlers: Handlers<typeof sampleRoutes> = {
  createSamples: {
    make: (ports, { ownerId, body }, creation) => createSamples(ports, ownerId, body, creation),
    fresh: () => Promise.resolve({}),
  },
  getSamples: async (ports, { ownerId, params }) => ({
    data: await getSamples(ports, ownerId, params.sampleId),
  }),
};
