/** The failing answers of a route in the OpenAPI document: the registry's, and the gateway's own. */
import { linkTo, taskPaths } from '../../shared/api/paths.ts';
import { PROBLEM_CODES } from '../../shared/api/problemSchema.ts';
import { problemsOf, type RouteDescription } from '../../shared/api/route.ts';
import {
  Problem,
  problemBody,
  PROBLEMS,
  type ProblemBody,
  type ProblemCode,
} from '../../shared/problems.ts';

/** Statuses that the gateway answers by itself, with the reason. */
const GATEWAY_ANSWERS = {
  401: 'The API key is missing.',
  403: 'The API key was refused.',
  413: 'The body is far above the limit.',
  429: 'Too many requests at once.',
  500: 'A function broke.',
  503: 'No answer came in 30 seconds.',
} as const;

/** Those that a route may be answered with. */
function gatewayAnswers({ method, public: isPublic }: RouteDescription): Map<string, string> {
  const { 401: missing, 403: refused, 413: tooLarge, ...always } = GATEWAY_ANSWERS;
  return new Map(
    Object.entries({
      ...always,
      ...(!isPublic && { 401: missing, 403: refused }),
      ...(method === 'POST' && { 413: tooLarge }),
    }),
  );
}

/** The failing answers of a route, by their status. */
export function failureResponses(route: RouteDescription): Record<string, object> {
  const codes = problemsOf(route);
  const reasons = gatewayAnswers(route);
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

const EXAMPLE_PATH = linkTo(taskPaths.tasks);

/** An example of every problem, by its code. */
export const problemExamples = (): Record<string, { value: ProblemBody }> =>
  Object.fromEntries(
    PROBLEM_CODES.map((code) => {
      const problem = new Problem(code, `${PROBLEMS[code].title}.`);
      return [code, { value: problemBody(problem, EXAMPLE_PATH) }];
    }),
  );
