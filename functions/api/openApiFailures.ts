/** The failing answers of a route in the OpenAPI document: the registry's, and the gateway's own. */
import * as z from 'zod';
import {
  Problem,
  problemBody,
  PROBLEMS,
  type ProblemBody,
  type ProblemCode,
} from '../../shared/problems.ts';
import { API_BASE_PATH } from '../../shared/names.ts';
import { PROBLEM_CODES } from './problemSchema.ts';
import { problemsOf, type RouteDescription } from './route.ts';

/** What API Gateway answers by itself, before a function is reached. */
export const GatewayMessageSchema = z
  .object({ message: z.string().meta({ examples: ['Unauthorized'] }) })
  .describe('What the gateway answers by itself.');

/** Statuses that the gateway answers by itself, with the reason. */
const GATEWAY_ANSWERS: Readonly<Record<string, string>> = {
  401: 'The API key is missing.',
  403: 'The API key was refused.',
  429: 'Too many requests at once.',
};

/** The failing answers of a route, by their status. */
export function failureResponses(route: RouteDescription): Record<string, object> {
  const codes = problemsOf(route);
  const gateway = Object.entries(GATEWAY_ANSWERS).filter(
    ([status]) => status === '429' || !route.public,
  );
  const reasons = new Map(gateway);
  const statuses = new Set([
    ...codes.map((code) => String(PROBLEMS[code].status)),
    ...reasons.keys(),
  ]);
  return Object.fromEntries(
    [...statuses].sort().map((status) => {
      const own = codes.filter((code) => String(PROBLEMS[code].status) === status);
      return [status, failureResponse(own, reasons.get(status))];
    }),
  );
}

/** @param gatewayReason why the gateway answers with this status, where it does */
function failureResponse(codes: readonly ProblemCode[], gatewayReason: string | undefined): object {
  const meanings = codes.map((code) => `${code}: ${PROBLEMS[code].title}.`);
  if (gatewayReason !== undefined) meanings.push(`From the gateway: ${gatewayReason}`);
  return {
    description: meanings.join(' '),
    content: {
      ...(codes.length > 0 && { 'application/problem+json': problemContent(codes) }),
      ...(gatewayReason !== undefined && {
        'application/json': { schema: { $ref: '#/components/schemas/GatewayMessage' } },
      }),
    },
  };
}

/** A problem document of each of these codes. */
const problemContent = (codes: readonly ProblemCode[]) => ({
  schema: { $ref: '#/components/schemas/Problem' },
  examples: Object.fromEntries(
    codes.map((code) => [code, { $ref: `#/components/examples/${code}` }]),
  ),
});

/** An example of every problem, by its code. */
export const problemExamples = (): Record<string, { value: ProblemBody }> =>
  Object.fromEntries(
    PROBLEM_CODES.map((code) => {
      const problem = new Problem(code, `${PROBLEMS[code].title}.`);
      return [code, { value: problemBody(problem, `${API_BASE_PATH}/batch/tasks`) }];
    }),
  );
