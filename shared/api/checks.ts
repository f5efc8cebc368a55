/** Checks: every row is looked at before a document is made. */
import { CheckViewSchema, CreateCheckSchema, CreatedCheckSchema } from '../schemas/checkApi.ts';
import { ORDER_PROBLEMS } from './orderProblems.ts';
import { checkParams } from './params.ts';
import { checkPaths } from './paths.ts';
import { defineRoutes } from './route.ts';

const tag = 'Checks';

export const checkRoutes = defineRoutes({
  createCheck: {
    method: 'POST',
    path: checkPaths.checks,
    tag,
    summary: 'Check every row before anything is made',
    description:
      'The body is that of a task, as far as it says what is made of which rows. The check goes on after the answer, at about the speed of reading; nothing is made but for a few rows that are measured.',
    creates: { kind: 'check', fresh: [] },
    body: { name: 'CreateCheck', schema: CreateCheckSchema, rows: 'data' },
    answers: [{ kind: 'data', status: 202, name: 'CreatedCheck', schema: CreatedCheckSchema }],
    problems: ORDER_PROBLEMS,
  },
  getCheck: {
    method: 'GET',
    path: checkPaths.check,
    tag,
    summary: 'See what a check found',
    description:
      'Ask here until its status is `done`. The check that a task begins with is found here, too, under the `checkId` of the task.',
    params: checkParams,
    answers: [{ kind: 'data', status: 200, name: 'Check', schema: CheckViewSchema }],
    problems: ['DOWNLOAD_FAILED'],
  },
  downloadCheckReport: {
    method: 'GET',
    path: checkPaths.report,
    tag,
    summary: 'Download the report of a check: your own sheet with the bad cells marked',
    params: checkParams,
    answers: [{ kind: 'link', description: 'The report, an Excel workbook (.xlsx).' }],
    problems: ['INVALID_STATE', 'DOWNLOAD_FAILED'],
  },
});
