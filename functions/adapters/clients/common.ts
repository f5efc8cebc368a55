/**
 * What the AWS SDK clients have in common. Each is made in a module of its own, in this folder alone, so
 * that a bundle holds no client that its function does not use. Region, endpoint and credentials come from
 * the SDK's standard environment: Lambda sets it in the cloud, the local cloud sets it on one machine.
 */
import { CONNECT_MS } from '../callLimits.ts';

/**
 * Five attempts with the SDK's full-jitter backoff take about 2 s at most: longer pauses belong to the
 * workflow's Retry, where waiting is free.
 */
const ATTEMPTS = { maxAttempts: 5, retryMode: 'standard' } as const;
export const COMMON = { ...ATTEMPTS, requestHandler: { connectionTimeout: CONNECT_MS } };
