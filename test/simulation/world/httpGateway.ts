/** The HTTP API in front of its function, as those outside meet it. */
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { InvokeOutcome } from '../../../local/stepFunctions/services.ts';
import { httpEvent } from '../../support/gatewayEvents.ts';

/** It answers 503 when its function has not by then, in ms. */
const GATEWAY_MS = 30_000;

export interface GatewayGround {
  readonly invoke: (event: unknown) => Promise<InvokeOutcome>;
  readonly pause: (ms: number) => Promise<void>;
}

/** @returns undefined where it is answered 503 by the gateway itself */
export async function throughGateway(
  { invoke, pause }: GatewayGround,
  request: Parameters<typeof httpEvent>[0],
): Promise<APIGatewayProxyStructuredResultV2 | undefined> {
  const late = Symbol();
  const outcome = await Promise.race([
    invoke(httpEvent(request)),
    pause(GATEWAY_MS).then(() => late),
  ]);
  if (typeof outcome === 'symbol' || !outcome.ok) return undefined;
  return outcome.payload as APIGatewayProxyStructuredResultV2;
}
