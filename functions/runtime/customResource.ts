/**
 * The wrapper of functions behind custom resources (CloudFormation User Guide, "Custom resource request
 * types"). Whatever happens, CloudFormation is answered: it would wait for an hour otherwise.
 */
import type { Context } from 'aws-lambda';
import * as z from 'zod';
import type { Log } from '../../shared/ports.ts';
import { withInvocation } from './invocation.ts';

const EventSchema = z.object({
  RequestType: z.enum(['Create', 'Update', 'Delete']),
  ResponseURL: z.url(),
  StackId: z.string(),
  RequestId: z.string(),
  LogicalResourceId: z.string(),
  PhysicalResourceId: z.string().optional(),
  ResourceProperties: z.unknown(),
});
type Event = z.output<typeof EventSchema>;

interface CustomResource<P, I extends z.ZodType> {
  readonly ports: P;
  readonly properties: I;
  /** Its name: a resource of another name would be another, and this one be deleted. */
  readonly id: string;
  /** Of a creation or a change. */
  readonly put: (ports: P, properties: z.output<I>) => Promise<void>;
  readonly remove: (ports: P) => Promise<void>;
}

export function customResource<P extends { log: Log }, I extends z.ZodType>(
  definition: CustomResource<P, I>,
): (event: unknown, context: Context) => Promise<void> {
  const { ports, id, properties, put, remove } = definition;
  const run = async ({ RequestType, ResourceProperties }: Event) => {
    if (RequestType === 'Delete') await remove(ports);
    else await put(ports, properties.parse(ResourceProperties));
  };
  return (event, context) =>
    withInvocation(context, async () => {
      const request = EventSchema.parse(event);
      const outcome = await run(request).then(
        () => ({ Status: 'SUCCESS' }),
        (error: unknown) => {
          ports.log.error('The resource could not be brought about.', { error });
          const Reason = `${String(error)} Its logs are in ${context.logGroupName}.`;
          return { Status: 'FAILED', Reason: Reason.slice(0, MAX_REASON_CHARACTERS) };
        },
      );
      await answer(request, { ...outcome, PhysicalResourceId: request.PhysicalResourceId ?? id });
    });
}

/** The answer is at most 4,096 bytes, addresses and ids among them. */
const MAX_REASON_CHARACTERS = 500;

async function answer(
  { ResponseURL, StackId, RequestId, LogicalResourceId }: Event,
  outcome: object,
): Promise<void> {
  const body = JSON.stringify({ StackId, RequestId, LogicalResourceId, ...outcome });
  // Signed without a type: with another one S3 would refuse it.
  const response = await fetch(ResponseURL, {
    method: 'PUT',
    headers: { 'content-type': '' },
    body,
  });
  if (!response.ok) throw new Error(`CloudFormation answered ${response.status}.`);
}
