/** Templates: upload, check, look at. */
import { PageQuerySchema } from '../../../shared/schemas/common.ts';
import {
  CreatedTemplateSchema,
  CreateTemplateSchema,
  TemplateViewSchema,
} from '../../../shared/schemas/templateApi.ts';
import {
  completeTemplate,
  createTemplate,
  getTemplate,
  listTemplates,
} from '../../../shared/templates/templates.ts';
import { defineRoute, type Route } from '../route.ts';
import { templateParams } from './params.ts';

const tag = 'Templates';
const template = {
  kind: 'data',
  status: 200,
  name: 'Template',
  schema: TemplateViewSchema,
} as const;

export const templateRoutes: readonly Route[] = [
  defineRoute({
    operationId: 'createTemplate',
    method: 'POST',
    path: '/templates',
    tag,
    summary: 'Begin a template: get a link to upload its file to',
    description: 'PUT the bytes to `upload.url` with `upload.headers`, then complete the template.',
    body: { name: 'CreateTemplate', schema: CreateTemplateSchema },
    answers: [
      { kind: 'data', status: 201, name: 'CreatedTemplate', schema: CreatedTemplateSchema },
    ],
    problems: [],
    handle: async (ports, { ownerId, body }) => ({
      data: await createTemplate(ports, ownerId, body),
    }),
  }),
  defineRoute({
    operationId: 'listTemplates',
    method: 'GET',
    path: '/templates',
    tag,
    summary: 'List your templates, newest first',
    query: PageQuerySchema,
    answers: [{ kind: 'page', name: 'Template', schema: TemplateViewSchema }],
    problems: [],
    handle: (ports, { ownerId, query }) => listTemplates(ports, ownerId, query),
  }),
  defineRoute({
    operationId: 'getTemplate',
    method: 'GET',
    path: '/templates/{templateId}',
    tag,
    summary: 'Look at a template',
    params: templateParams,
    answers: [template],
    problems: [],
    handle: async (ports, { ownerId, params }) => ({
      data: await getTemplate(ports, ownerId, params.templateId),
    }),
  }),
  defineRoute({
    operationId: 'completeTemplate',
    method: 'POST',
    path: '/templates/{templateId}/complete',
    tag,
    summary: 'Check the uploaded file and extract its tags',
    description:
      'A file that cannot work is refused with every fault that was found; upload another one and complete again. A template that is ready is answered as it is.',
    params: templateParams,
    answers: [template],
    problems: ['INVALID_STATE', 'PAYLOAD_TOO_LARGE', 'TEMPLATE_INVALID'],
    handle: async (ports, { ownerId, params }) => ({
      data: await completeTemplate(ports, ownerId, params.templateId),
    }),
  }),
];
