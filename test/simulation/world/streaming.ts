/**
 * Lambda's response streaming for a simulated function: what it writes goes to whoever reads the request's answer.
 * To be imported before the function's module, which asks for the global when it is loaded.
 */
import type { Context } from 'aws-lambda';
import type { Writable } from 'node:stream';
import * as z from 'zod';
import { thisProcess } from './process.ts';

type Head = { readonly statusCode: number };
type Streaming = (event: unknown, stream: Writable, context: Context) => Promise<void>;

/** What a function writes to; it has room for everything. */
interface Sink {
  begin(head: Head): void;
  write(text: string): boolean;
  end(): void;
}

Object.assign(globalThis, {
  awslambda: {
    streamifyResponse: (handler: Streaming) => handler,
    HttpResponseStream: {
      from(sink: Sink, head: Head) {
        sink.begin(head);
        return sink;
      },
    },
  },
});

const RequestSchema = z.object({ requestContext: z.object({ requestId: z.string() }) });

/** A streaming function in the form of the others. */
export const streaming =
  (load: () => Streaming) =>
  async (event: unknown, context: Context): Promise<void> => {
    const { requestId } = RequestSchema.parse(event).requestContext;
    const { outside } = thisProcess();
    const sink: Sink = {
      begin: ({ statusCode }) => outside.answers.begin(requestId, statusCode),
      write(text) {
        outside.answers.write(requestId, text);
        return true;
      },
      end: () => undefined,
    };
    await load()(event, sink as unknown as Writable, context);
  };
