/**
 * Streamed answers in a worker, as Lambda's runtime gives them to a function: the global `awslambda`, and
 * the stream that becomes the answer
 * (https://docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html).
 */
import { Writable } from 'node:stream';

/** Marks a handler that streams its answer. */
const STREAMING = Symbol.for('aws.lambda.runtime.handler.streaming');

/** The content type of an answer that begins with its status and headers. */
export const HTTP_INTEGRATION = 'application/vnd.awslambda.http-integration-response';
/** So many NUL bytes are between the JSON that says status and headers, and the body. */
export const DELIMITER = new Uint8Array(8);

/** Bytes on their way to the gateway until a function has to wait, as much as Node's sockets take. */
const ON_THE_WAY_BYTES = 64 * 1024;

class ResponseStream extends Writable {
  contentType = 'application/octet-stream';
  prelude: object | undefined;
}

/** Sets the global that functions mark their handlers with: before they are loaded. */
export function provideGlobals(): void {
  const awslambda = {
    streamifyResponse: (handler: object) => Object.assign(handler, { [STREAMING]: 'response' }),
    HttpResponseStream: {
      from(stream: ResponseStream, prelude: object): ResponseStream {
        stream.contentType = HTTP_INTEGRATION;
        stream.prelude = prelude;
        return stream;
      },
    },
  };
  Object.assign(globalThis, { awslambda });
}

export const isStreaming = (handler: object): boolean => STREAMING in handler;

export interface OpenResponse {
  readonly stream: Writable;
  /** The gateway took so many bytes off. */
  taken(bytes: number): void;
  /** Resolves once everything that was written is on its way. */
  readonly finished: Promise<void>;
}

/** Begins the answer to an event. */
export function openResponse(send: {
  readonly type: (contentType: string) => void;
  readonly bytes: (bytes: Uint8Array) => void;
}): OpenResponse {
  let onTheWay = 0;
  let goOn: (() => void) | undefined;
  let begun = false;
  const write = (chunk: Uint8Array) => {
    onTheWay += chunk.length;
    send.bytes(Uint8Array.from(chunk));
  };
  const stream: ResponseStream = new ResponseStream({
    highWaterMark: ON_THE_WAY_BYTES,
    write(chunk: Buffer, _encoding, done) {
      if (!begun) {
        begun = true;
        send.type(stream.contentType);
        if (stream.prelude) write(Buffer.from(JSON.stringify(stream.prelude)));
        if (stream.prelude) write(DELIMITER);
      }
      write(chunk);
      if (onTheWay < ON_THE_WAY_BYTES) done();
      else goOn = done;
    },
  });
  return {
    stream,
    taken(bytes) {
      onTheWay -= bytes;
      if (onTheWay >= ON_THE_WAY_BYTES) return;
      const resume = goOn;
      goOn = undefined;
      resume?.();
    },
    finished: new Promise((resolve, reject) => {
      stream.on('finish', resolve);
      stream.on('error', reject);
    }),
  };
}
