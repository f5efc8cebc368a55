/** Parsing of a request's parts; what is wrong becomes VALIDATION_ERROR with a pointer to each fault. */
import * as z from 'zod';
import type { PathParams, RequestBody } from '../../shared/api/route.ts';
import { clip } from '../../shared/clip.ts';
import { pointerStep } from '../../shared/jsonPointer.ts';
import { MAX_LISTED_PROBLEMS } from '../../shared/limits.ts';
import { Problem, type ProblemDetail } from '../../shared/problems.ts';
import { messageOf } from './validationMessages.ts';

/** A part that a route does not have: nothing may be in it. */
const NOTHING = z.strictObject({});

/** @throws Problem of `notFound`, or VALIDATION_ERROR */
export function parseParams<S extends z.ZodObject>(
  params: PathParams<S> | undefined,
  values: Readonly<Record<string, string>>,
): z.output<S> {
  const result = (params?.schema ?? NOTHING).safeParse(values, { error: messageOf });
  if (result.success) return result.data as z.output<S>;
  for (const { path } of result.error.issues) {
    const code = params?.notFound[String(path[0])];
    if (code) throw new Problem(code, 'The id in the path is not that of anything you have.');
  }
  throw invalid('The path', result.error);
}

/** @throws Problem VALIDATION_ERROR, also for parameters that are unknown or given twice */
export function parseQuery<S extends z.ZodObject>(
  query: S | undefined,
  parameters: URLSearchParams,
): z.output<S> {
  const repeated = [...new Set(parameters.keys())].filter(
    (name) => parameters.getAll(name).length > 1,
  );
  if (repeated.length > 0) {
    throw validationError(
      'The query',
      repeated.map((name) => ({ pointer: toPointer([name]), detail: 'Give it only once.' })),
    );
  }
  const schema = query?.strict() ?? NOTHING;
  const result = schema.safeParse(Object.fromEntries(parameters), { error: messageOf });
  if (result.success) return result.data as z.output<S>;
  throw invalid('The query', result.error);
}

/** @throws Problem VALIDATION_ERROR, also for fields that are unknown */
export function parseBody<S extends z.ZodType>(
  body: RequestBody<S> | undefined,
  value: unknown,
): z.output<S> {
  const mayBeAbsent = body?.optional ?? body === undefined;
  const given = value === undefined && mayBeAbsent ? {} : value;
  const result = (body?.schema ?? NOTHING).safeParse(given, { error: messageOf });
  if (result.success) return result.data as z.output<S>;
  throw invalid('The body', result.error);
}

function invalid(where: string, error: z.ZodError): Problem {
  const errors = error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({
          pointer: toPointer([...issue.path, key]),
          detail: 'There is no such field. Leave it out, or check its spelling.',
        }))
      : [{ pointer: toPointer(issue.path), detail: issue.message }],
  );
  return validationError(where, errors);
}

function validationError(where: string, errors: readonly ProblemDetail[]): Problem {
  const [first] = errors;
  const place = first?.pointer ? `${first.pointer}: ` : '';
  const others = errors.length > 1 ? ` (and ${errors.length - 1} more, see errors)` : '';
  const detail = `${where} is not valid. ${place}${first?.detail ?? ''}${others}`;
  return new Problem('VALIDATION_ERROR', detail, { errors: errors.slice(0, MAX_LISTED_PROBLEMS) });
}

/** Of a name of a field that a client made up; the longest of ours has 22. */
const MAX_NAME_CHARACTERS = 100;

/** A JSON Pointer (RFC 6901): into the body; or, for a parameter, its name. Long names are cut. */
export function toPointer(path: readonly PropertyKey[]): string {
  return path
    .map((key) => clip(String(key), MAX_NAME_CHARACTERS))
    .map((name) => `/${pointerStep(name)}`)
    .join('');
}
