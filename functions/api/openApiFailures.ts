/** The failing answers of a route in the OpenAPI document: the registry's, and the gateway's own. */
import * as z from 'zod';
import { Problem, problemBody, PROBLEMS, type ProblemCode } from '../../shared/problems.ts';
import { API_BASE_PATH } from '../../shared/names.ts';
import { problemsOf, type RouteDescription } from './route.ts';

/** What API Gateway answers by itself, before a function is reached. */
export const GatewayMessageSchema = z
  .object({ message: z.string().meta({ examples: ['Unauthorized'] }) })
  .describe('What the gateway answers by itself.');

/** Statuses that the gateway answers by itself, with the reason. */
const GATEWAY_ANSWERS: Readonly<Record<number, string>> = {
  401: 'The API key is missing.',
  403: 'The API key was refused.',
  429: 'Too many requests at once.',
};

export function failureResponses(route: RouteDescription): Record<string, object> {
  const codes = problemsOf(route);
  const gateway = Object.keys(GATEWAY_ANSWERS)
    .map(Number)
    .filter((status) => status === 429 || !route.public);
  const statuses = [...codes.map((code) => PROBLEMS[code].status), ...gateway];
  const responses: Record<string, object> = {};
  for (const status of [...new Set(statuses)].sort((a, b) => a - b)) {
    const own = codes.filter((code) => PROBLEMS[code].status === status);
    const message = gateway.includes(status) ? GATEWAY_ANSWERS[status] : undefined;
    responses[status] = {
      description: [
        ...own.map((code) => `${code}: ${PROBLEMS[code].title}.`),
        ...(message === undefined ? [] : [`From the gateway: ${message}`]),
      ].join(' '),
      content: {
        ...(own.length === 0
          ? {}
          : { 'application/problem+json': problemContent(own, route.path) }),
        ...(message === undefined
          ? {}
          : {
              'application/json': { schema: { $ref: '#/components/schemas/GatewayMessage' } },
            }),
      },
    };
  }
  return responses;
}

function problemContent(codes: readonly ProblemCode[], path: string): object {
  return {
    schema: {
      allOf: [{ $ref: '#/components/schemas/Problem' }],
      properties: { code: { enum: codes } },
    },
    examples: Object.fromEntries(codes.map((code) => [code, { value: example(code, path) }])),
  };
}

const example = (code: ProblemCode, path: string) =>
  problemBody(new Problem(code, `${PROBLEMS[code].title}.`), API_BASE_PATH + path);
