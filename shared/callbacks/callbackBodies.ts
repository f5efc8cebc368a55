/** What services called back with: one object each, which the first writes, and nobody changes. */
import * as z from 'zod';
import { objectKeys, type CallbackPlace } from '../keys.ts';
import { ObjectMissing, type Ports } from '../ports.ts';
import type { WholeAnswer } from '../rowSteps/response.ts';

type ObjectsPort = Pick<Ports, 'objects'>;

/** As it came. */
export interface CallbackBody {
  /** Empty for none. */
  readonly contentType: string;
  readonly bytes: Uint8Array;
}

/** In the first line of the object; the rest of it is the body. */
const HeadSchema = z.object({ contentType: z.string() });

const LINE_FEED = 10;

/** @returns false when there is one already */
export function keepCallback(
  { objects }: ObjectsPort,
  place: CallbackPlace,
  { contentType, bytes }: CallbackBody,
): Promise<boolean> {
  const head = Buffer.from(`${JSON.stringify({ contentType })}\n`);
  return objects.put(objectKeys.callback(place), Buffer.concat([head, bytes]), { ifAbsent: true });
}

/** What came, as an answer; undefined while nothing did. */
export async function findCallback(
  { objects }: ObjectsPort,
  place: CallbackPlace,
): Promise<WholeAnswer | undefined> {
  let object: Uint8Array;
  try {
    object = await objects.read(objectKeys.callback(place));
  } catch (error) {
    if (error instanceof ObjectMissing) return undefined;
    throw error;
  }
  const end = object.indexOf(LINE_FEED);
  const json: unknown = JSON.parse(Buffer.from(object.subarray(0, end)).toString('utf8'));
  const { contentType } = HeadSchema.parse(json);
  return {
    status: 200,
    headers: contentType === '' ? {} : { 'content-type': contentType },
    body: object.subarray(end + 1),
  };
}
