/** Answering a POST that creates: what is made is made once for an Idempotency-Key, the rest each time. */
import * as z from 'zod';
import type { RouteDescription } from '../../shared/api/route.ts';
import { makeOnce } from '../../shared/idempotency/makeOnce.ts';
import type { AnyCreatingHandler, ApiPorts, ParsedRequest, RawRequest } from './request.ts';

/** @throws Problem VALIDATION_ERROR (the key), IDEMPOTENCY_KEY_REUSED, IDEMPOTENCY_CONFLICT; its own */
export async function create(
  ports: ApiPorts,
  { operationId, route }: { readonly operationId: string; readonly route: RouteDescription },
  handler: AnyCreatingHandler,
  raw: RawRequest,
  parsed: ParsedRequest,
): Promise<{ data: Record<string, unknown> }> {
  const { kind, schema } = keptBy(operationId, route);
  const { ownerId, idempotencyKey, params, body } = raw;
  const query = Object.fromEntries(raw.query);
  return makeOnce(
    ports,
    { ownerId, operationId, idempotencyKey, content: { params, query, body }, kind },
    schema,
    (creation) => handler.make(ports, parsed, creation),
    async (kept) => ({ data: { ...kept, ...(await handler.fresh(ports, parsed, kept)) } }),
  );
}

/** What a creating route makes, and the schema of what is kept of its answer. */
export function keptBy(operationId: string, { creates, answers }: RouteDescription) {
  const answer = answers.find(({ kind }) => kind === 'data');
  if (!creates || answer?.kind !== 'data' || !(answer.schema instanceof z.ZodObject)) {
    throw new Error(`The route ${operationId} does not say what it creates.`);
  }
  const { shape } = answer.schema;
  const kept = Object.entries(shape).filter(([name]) => !creates.fresh.includes(name));
  return { kind: creates.kind, schema: z.looseObject(Object.fromEntries(kept)) };
}
