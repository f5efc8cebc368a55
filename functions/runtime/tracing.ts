/**
 * X-Ray traces by Powertools for AWS Lambda: a subsegment for what our code does in an invocation,
 * with its error. Calls of AWS services are no subsegments: the X-Ray SDK would wrap each of the hundred
 * that a shard makes, on the thread that renders, and what fails is in the log by name (sdkErrors.ts).
 * Outside of Lambda there is no X-Ray, and the tracer is not even loaded.
 */
import type { Tracer } from '@aws-lambda-powertools/tracer';
import { SERVICE } from './service.ts';

/** Set by Lambda itself, so neither in tests nor in the local cloud. */
const inLambda = process.env['AWS_EXECUTION_ENV'] !== undefined;
/** Begun while the function is loaded, where time costs nothing; there before the first event. */
const loading: Promise<Tracer> | undefined = inLambda ? loadTracer() : undefined;

async function loadTracer(): Promise<Tracer> {
  const powertools = await import('@aws-lambda-powertools/tracer');
  // Functions make no HTTP calls but those of the AWS SDK.
  return new powertools.Tracer({ serviceName: SERVICE, captureHTTPsRequests: false });
}

/**
 * Runs as a subsegment of the invocation's trace.
 * An error's message is recorded: `run` throws only what errors.ts let through.
 */
export async function traced<T>(name: string, run: () => Promise<T>): Promise<T> {
  const tracer = await loading;
  const parent = tracer?.isTracingEnabled() ? tracer.getSegment() : undefined;
  if (tracer === undefined || parent === undefined) return run();
  const subsegment = parent.addNewSubsegment(`## ${name}`);
  tracer.setSegment(subsegment);
  tracer.annotateColdStart();
  tracer.addServiceNameAnnotation();
  try {
    return await run();
  } catch (error) {
    if (error instanceof Error) tracer.addErrorAsMetadata(error);
    throw error;
  } finally {
    subsegment.close();
    tracer.setSegment(parent);
  }
}
