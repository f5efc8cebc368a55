/** Templates: upload, check, look at. */
import { getDataSheet } from '../../../shared/dataSheet/getDataSheet.ts';
import type { templateRoutes } from '../../../shared/api/templates.ts';
import {
  completeTemplate,
  createTemplate,
  deleteTemplate,
  getTemplate,
  listTemplates,
  templateUpload,
} from '../../../shared/templates/templates.ts';
import type { Handlers } from '../route.ts';

export const templateHandlers: Handlers<typeof templateRoutes> = {
  createTemplate: {
    make: (ports, { ownerId, body }, creation) => createTemplate(ports, ownerId, body, creation),
    fresh: async (ports, _request, { templateId }) => ({
      upload: await templateUpload(ports, templateId),
    }),
  },
  listTemplates: (ports, { ownerId, query }) => listTemplates(ports, ownerId, query),
  getTemplate: async (ports, { ownerId, params }) => ({
    data: await getTemplate(ports, ownerId, params.templateId),
  }),
  deleteTemplate: async (ports, { ownerId, params }) => {
    await deleteTemplate(ports, ownerId, params.templateId);
    return { empty: true };
  },
  downloadDataSheet: async (ports, { ownerId, params }) => ({
    link: await getDataSheet(ports, ownerId, params.templateId),
  }),
  completeTemplate: async (ports, { ownerId, params }) => ({
    data: await completeTemplate(ports, ownerId, params.templateId),
  }),
};
