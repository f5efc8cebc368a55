/** Bodies of successful answers, as they are on the wire. */
import * as z from 'zod';
import { DownloadSchema } from '../schemas/taskApi.ts';
import type { Answer } from './route.ts';

/** The body that an answer has; a link's is what a client that accepts JSON gets. */
export function bodySchema(answer: Answer): z.ZodType {
  switch (answer.kind) {
    case 'data':
      return z.object({ data: answer.schema });
    case 'page':
      return z.object({
        data: z.array(answer.schema),
        nextCursor: z.string().nullable(),
        ...answer.beside?.shape,
      });
    case 'link':
      return z.object({ data: DownloadSchema });
    case 'document':
      return z.looseObject({});
    case 'empty':
      return z.undefined();
  }
}
