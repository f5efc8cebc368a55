/** Samples: the rows of an order that are worth looking at, made before the others. */
import {
  CreatedSamplesSchema,
  CreateSamplesSchema,
  SamplesViewSchema,
} from '../schemas/sampleApi.ts';
import { ORDER_PROBLEMS } from './orderProblems.ts';
import { sampleParams } from './params.ts';
import { samplePaths } from './paths.ts';
import { defineRoutes } from './route.ts';

const tag = 'Samples';

export const sampleRoutes = defineRoutes({
  createSamples: {
    method: 'POST',
    path: samplePaths.samples,
    tag,
    summary: 'Make the documents that are worth looking at before all of them',
    description:
      'The body is that of a task, as far as it says what is made of which rows. Every row is read; the documents of a few are made that show every branch of the templates, the longest and emptiest values and the strangest characters between them. Rows that `rows` names are made beside those.',
    creates: { kind: 'sample', fresh: [] },
    body: { name: 'CreateSamples', schema: CreateSamplesSchema, rows: 'data' },
    answers: [{ kind: 'data', status: 202, name: 'CreatedSamples', schema: CreatedSamplesSchema }],
    problems: ORDER_PROBLEMS,
  },
  getSamples: {
    method: 'GET',
    path: samplePaths.sample,
    tag,
    summary: 'Look at samples: each document, why its row was chosen, and a link to it',
    description:
      'Ask here until their status is `done`. Links are signed anew by every call. `hash` starts a task that has `options.approval`.',
    params: sampleParams,
    answers: [{ kind: 'data', status: 200, name: 'Samples', schema: SamplesViewSchema }],
    problems: ['DOWNLOAD_FAILED'],
  },
});
