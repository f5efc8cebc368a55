/** Templates: upload, check, look at. */
import { PageQuerySchema } from '../schemas/common.ts';
import {
  CreatedTemplateSchema,
  CreateTemplateSchema,
  TemplateViewSchema,
} from '../schemas/templateApi.ts';
import { templateParams } from './params.ts';
import { defineRoutes } from './route.ts';

const tag = 'Templates';
const template = {
  kind: 'data',
  status: 200,
  name: 'Template',
  schema: TemplateViewSchema,
} as const;

export const templateRoutes = defineRoutes({
  createTemplate: {
    method: 'POST',
    path: '/templates',
    tag,
    summary: 'Begin a template: get a link to upload its file to',
    description: 'PUT the bytes to `upload.url` with `upload.headers`, then complete the template.',
    creates: { kind: 'template', fresh: ['upload'] },
    body: { name: 'CreateTemplate', schema: CreateTemplateSchema },
    answers: [
      { kind: 'data', status: 201, name: 'CreatedTemplate', schema: CreatedTemplateSchema },
    ],
    problems: [],
  },
  listTemplates: {
    method: 'GET',
    path: '/templates',
    tag,
    summary: 'List your templates, newest first',
    query: PageQuerySchema,
    answers: [{ kind: 'page', name: 'Template', schema: TemplateViewSchema }],
    problems: [],
  },
  getTemplate: {
    method: 'GET',
    path: '/templates/{templateId}',
    tag,
    summary: 'Look at a template',
    params: templateParams,
    answers: [template],
    problems: [],
  },
  deleteTemplate: {
    method: 'DELETE',
    path: '/templates/{templateId}',
    tag,
    summary: 'Delete a template',
    description:
      'It is not there any more at once. Tasks that were made with it go on; its file is removed when the last of them is gone.',
    params: templateParams,
    answers: [{ kind: 'empty' }],
    problems: [],
  },
  downloadDataSheet: {
    method: 'GET',
    path: '/templates/{templateId}/data-sheet',
    tag,
    summary: 'Download a workbook to fill in for a template',
    description:
      'A column for each tag, a sheet for each list, and instructions. Filled in, it is uploaded as a data source; nothing has to be mapped.',
    params: templateParams,
    answers: [{ kind: 'link', description: 'The workbook (.xlsx).' }],
    problems: ['INVALID_STATE'],
  },
  completeTemplate: {
    method: 'POST',
    path: '/templates/{templateId}/complete',
    tag,
    summary: 'Check the uploaded file and extract its tags',
    description:
      'A file that cannot work is refused with every fault that was found; upload another one and complete again. A template that is ready is answered as it is.',
    repeatable: true,
    params: templateParams,
    answers: [template],
    problems: ['INVALID_STATE', 'PAYLOAD_TOO_LARGE', 'TEMPLATE_INVALID'],
  },
});
