/** What an owner has of what may be had. */
import { UsageSchema } from '../schemas/usageApi.ts';
import { defineRoutes } from './route.ts';

export const usageRoutes = defineRoutes({
  getUsage: {
    method: 'GET',
    path: '/usage',
    tag: 'Tasks',
    summary: 'See how many tasks and documents you have of what you may have',
    description:
      'A document is reserved when its task gets a slot, and used once it was made; what fails or is not made is given back when the task comes to rest.',
    answers: [{ kind: 'data', status: 200, name: 'Usage', schema: UsageSchema }],
    problems: [],
  },
});
