/**
 * Streamed answers, as Lambda's runtime client gives them to a function: the global `awslambda`, which is
 * there before the function is loaded, and the stream that becomes the body of the posted response
 * (https://docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html).
 */
import { request, type Agent, type ClientRequest } from 'node:http';
import { runtimeError, told } from './runtimeErrors.ts';

/** Marks a handler that streams its answer. */
export const STREAMING = Symbol.for('aws.lambda.runtime.handler.streaming');

const HTTP_INTEGRATION = 'application/vnd.awslambda.http-integration-response';
/** So many NUL bytes are between the JSON that says status and headers, and the body. */
const DELIMITER_BYTES = 8;

const ERROR_TYPE = 'Lambda-Runtime-Function-Error-Type';
const ERROR_BODY = 'Lambda-Runtime-Function-Error-Body';

export type ResponseStream = ClientRequest & {
  /** @throws Error after the first write */
  setContentType(type: string): void;
  beforeFirstWrite?: () => void;
};

/** Sets the global that functions mark their handlers with. */
export function provideGlobals(): void {
  const awslambda = {
    streamifyResponse: (handler: object) => Object.assign(handler, { [STREAMING]: 'response' }),
    HttpResponseStream: {
      from(stream: ResponseStream, prelude: object): ResponseStream {
        stream.setContentType(HTTP_INTEGRATION);
        stream.beforeFirstWrite = () => {
          stream.write(JSON.stringify(prelude));
          stream.write(new Uint8Array(DELIMITER_BYTES));
        };
        return stream;
      },
    },
  };
  Object.assign(globalThis, { awslambda });
}

export interface OpenResponse {
  readonly stream: ResponseStream;
  /** Resolves when Lambda has taken the whole answer. */
  readonly taken: Promise<void>;
  /** Ends the answer with an error, which travels behind what was written. */
  readonly fail: (error: unknown) => Promise<void>;
}

/** Begins the answer to an event. @param url where it is posted to */
export function openResponse(url: URL, agent: Agent): OpenResponse {
  let begun = false;
  const stream = request(url, {
    method: 'POST',
    agent,
    headers: {
      'Lambda-Runtime-Function-Response-Mode': 'streaming',
      'Content-Type': 'application/octet-stream',
      'Transfer-Encoding': 'chunked',
      Trailer: [ERROR_TYPE, ERROR_BODY],
    },
  }) as ResponseStream;
  const taken = new Promise<void>((resolve, reject) => {
    stream.on('error', reject);
    stream.on('response', (response) => {
      response.resume();
      response.on('end', resolve);
    });
  });
  stream.setContentType = (type) => {
    if (begun) {
      const message = 'Cannot set content-type, too late.';
      throw runtimeError('Runtime.InvalidStreamingOperation', message);
    }
    stream.setHeader('Content-Type', type);
  };
  const write = stream.write.bind(stream) as (...given: unknown[]) => boolean;
  stream.write = (chunk: unknown, ...others: unknown[]) => {
    const isFirst = !begun;
    begun = true;
    if (isFirst) stream.beforeFirstWrite?.();
    const isRaw = typeof chunk === 'string' || chunk instanceof Uint8Array;
    return write(isRaw ? chunk : JSON.stringify(chunk), ...others);
  };
  return {
    stream,
    taken,
    async fail(error) {
      const { errorType } = told(error);
      const body = Buffer.from(JSON.stringify(told(error))).toString('base64');
      stream.addTrailers({ [ERROR_TYPE]: errorType, [ERROR_BODY]: body });
      stream.end();
      await taken;
    },
  };
}
