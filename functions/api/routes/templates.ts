/** Templates: upload, check, look at. */
import type { templateRoutes } from '../../../shared/api/templates.ts';
import {
  completeTemplate,
  createTemplate,
  getTemplate,
  listTemplates,
} from '../../../shared/templates/templates.ts';
import type { Handlers } from '../route.ts';

export const templateHandlers: Handlers<typeof templateRoutes> = {
  createTemplate: async (ports, { ownerId, body }) => ({
    data: await createTemplate(ports, ownerId, body),
  }),
  listTemplates: (ports, { ownerId, query }) => listTemplates(ports, ownerId, query),
  getTemplate: async (ports, { ownerId, params }) => ({
    data: await getTemplate(ports, ownerId, params.templateId),
  }),
  completeTemplate: async (ports, { ownerId, params }) => ({
    data: await completeTemplate(ports, ownerId, params.templateId),
  }),
};
