/** One function instance: a worker thread that takes one event at a time. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { Worker } from 'node:worker_threads';
import type { FunctionDefinition } from '../cloudFormation/functionDefinitions.ts';
import { monotonicNow } from '../time.ts';
import type { InvocationResult, ResponseSink } from './invoke.ts';
import type {
  FunctionError,
  InstanceData,
  InvocationMessage,
  Spent,
  TakenMessage,
  WorkerMessage,
} from './protocol.ts';

export interface FunctionInstance {
  /** Runs one event; never rejects. The instance must not be busy. */
  invoke(payload: string, sink?: ResponseSink): Promise<InvocationResult>;
  /** Memory that it has for itself, in bytes, as far as is known. */
  readonly bytes: number;
  /** False once the thread has ended or is about to: take another instance. */
  readonly usable: boolean;
  /** Resolves once it has loaded, or has ended instead. */
  readonly loaded: Promise<void>;
  stop(): Promise<void>;
}

export interface InstanceOptions {
  readonly definition: FunctionDefinition;
  /** Path of the bundled bootstrap.ts. */
  readonly bootstrapPath: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Takes what the function prints; `isError` for its stderr. */
  readonly print: (text: string, isError: boolean) => void;
  /** Told what loading the function took, once it is ready. */
  readonly onReady: (spent: Spent) => void;
  /** Told that it has more memory, or less. */
  readonly onMemory: () => void;
  /** Told that it was ended, because an event took longer than it may; how many ms that was. */
  readonly onTimeout: (ms: number) => void;
  /** Told what each invocation took that got as far as the handler. */
  readonly onInvoked: (spent: Spent) => void;
}

/**
 * Lambda gives a function 10 s to load, and after that once more its own timeout
 * (https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html).
 */
const INIT_MS = 10_000;

/** What a thread takes that has loaded a function with an SDK client, until it tells itself. */
const LOADED_BYTES = 20 * 1024 * 1024;

/** How long a crashed thread may go on, so that what it printed arrives. */
const PRINT_MS = 100;

/**
 * The young generation, in MB: V8 collects it when it is full and gives it back to nobody, so it is a
 * price of each instance. Rendering is no faster with more than 16; functions that wait need less.
 */
const youngGeneration = (memoryMegabytes: number) =>
  Math.min(16, Math.max(6, Math.round(memoryMegabytes / 64)));

/** Starts an instance; it loads its bundle while the first event waits. */
export function startInstance(options: InstanceOptions): FunctionInstance {
  const { definition } = options;
  const worker = startWorker(options);

  /** The event under way: how to end it, and its clock. */
  let current:
    | {
        finish: (result: InvocationResult) => void;
        requestId: string;
        begunAt?: number;
        sink: ResponseSink | undefined;
        /** What of a stream is still being written. */
        written: Promise<void>;
      }
    | undefined;
  /** What is to be said of the thread's end when the runtime itself has told. */
  let lastWords: FunctionError | undefined;
  let usable = true;
  let bytes = LOADED_BYTES;

  let markReady: () => void = () => undefined;
  const ready = new Promise<void>((resolve) => (markReady = resolve));

  /** @param spent unknown of a handler that was cut off: it is taken to have waited till then */
  const finish = (result: InvocationResult, spent?: Spent) => {
    if (current?.begunAt !== undefined) {
      options.onInvoked(spent ?? { durationMs: monotonicNow() - current.begunAt, cpuMs: 0 });
    }
    current?.finish(result);
    current = undefined;
  };
  /** What the function printed last is still on its way for a moment. */
  const end = (afterMs: number) => {
    usable = false;
    setTimeout(() => void worker.terminate(), afterMs).unref();
  };

  worker.on('message', (message: WorkerMessage) => {
    switch (message.kind) {
      case 'ready':
        options.onReady(message.spent);
        markReady();
        break;
      case 'memory':
        bytes = message.bytes;
        options.onMemory();
        break;
      case 'streamType':
        current?.sink?.contentType(message.contentType);
        break;
      case 'streamBytes': {
        const { bytes } = message;
        const { sink } = current ?? {};
        if (!current || !sink) break;
        current.written = current.written.then(async () => {
          await sink.write(bytes);
          worker.postMessage({ taken: bytes.length } satisfies TakenMessage);
        });
        break;
      }
      case 'result': {
        const { written = Promise.resolve() } = current ?? {};
        const { payload, spent } = message;
        // Of a stream, once its last bytes are taken.
        if (current?.sink) void written.then(() => finish({ ok: true, payload }, spent));
        else finish(checkedSize(payload), spent);
        break;
      }
      case 'error':
        if (message.fatal) {
          lastWords = message.error;
          finish({ ok: false, error: message.error }, message.spent);
          end(PRINT_MS);
        } else {
          finish({ ok: false, error: message.error }, message.spent);
        }
        break;
    }
  });
  worker.on('error', (error: Error & { code?: string }) => {
    usable = false;
    lastWords ??=
      error.code === 'ERR_WORKER_OUT_OF_MEMORY'
        ? ended(
            'Runtime.OutOfMemory',
            current?.requestId,
            'Runtime exited with error: signal: killed',
          )
        : { errorType: error.name, errorMessage: error.message };
  });
  worker.on('exit', (code) => {
    usable = false;
    lastWords ??= ended(
      'Runtime.ExitError',
      current?.requestId,
      code === 0
        ? 'Runtime exited without providing a reason'
        : `Runtime exited with error: exit status ${code}`,
    );
    finish({ ok: false, error: lastWords });
    markReady();
  });

  const timeOut = (requestId: string, afterMs: number) => {
    lastWords = {
      errorType: 'Sandbox.Timedout',
      errorMessage: `RequestId: ${requestId} Error: Task timed out after ${(definition.timeoutMs / 1000).toFixed(2)} seconds`,
    };
    finish({ ok: false, error: lastWords });
    end(0);
    options.onTimeout(afterMs);
  };

  return {
    get bytes() {
      return bytes;
    },
    get usable() {
      return usable;
    },
    loaded: ready,
    invoke(payload, sink) {
      const requestId = randomUUID();
      return new Promise((resolve) => {
        const { timeoutMs } = definition;
        const wait = (ms: number) => setTimeout(() => timeOut(requestId, ms), ms);
        let timer = wait(INIT_MS + timeoutMs);
        current = {
          requestId,
          sink,
          written: Promise.resolve(),
          finish: (result) => {
            clearTimeout(timer);
            resolve(result);
          },
        };
        if (!usable) {
          finish({
            ok: false,
            error: lastWords ?? ended('Runtime.ExitError', requestId, 'stopped'),
          });
          return;
        }
        void ready.then(() => {
          if (current?.requestId !== requestId) return;
          clearTimeout(timer);
          timer = wait(timeoutMs);
          current.begunAt = monotonicNow();
          const deadline = monotonicNow() + timeoutMs;
          worker.postMessage({
            requestId,
            deadline,
            payload,
            ...(sink && { streams: true }),
          } satisfies InvocationMessage);
        });
      });
    },
    async stop() {
      usable = false;
      await worker.terminate();
    },
  };
}

/** How Lambda tells that the runtime's process ended. */
const ended = (errorType: string, requestId: string | undefined, how: string): FunctionError => ({
  errorType,
  errorMessage: `RequestId: ${requestId ?? ''} Error: ${how}`,
});

/** Lambda's limit on a synchronous answer: 6 MB. */
const MAX_ANSWER_BYTES = 6 * 1024 * 1024;

function checkedSize(payload: string): InvocationResult {
  const bytes = Buffer.byteLength(payload);
  if (bytes <= MAX_ANSWER_BYTES) return { ok: true, payload };
  return {
    ok: false,
    error: {
      errorType: 'Function.ResponseSizeTooLarge',
      errorMessage: `Response payload size (${bytes} bytes) exceeded maximum allowed payload size (${MAX_ANSWER_BYTES} bytes).`,
    },
  };
}

function startWorker({ definition, bootstrapPath, environment, print }: InstanceOptions): Worker {
  const [file = '', exportName = ''] = definition.handler.split('.');
  const logGroupName = `/aws/lambda/${definition.name}`;
  const logStreamName = `local/[$LATEST]${randomUUID().replaceAll('-', '')}`;
  const worker = new Worker(bootstrapPath, {
    workerData: {
      modulePath: join(definition.folder, `${file}.cjs`),
      exportName,
      functionName: definition.name,
      functionArn: definition.arn,
      memoryMegabytes: definition.memoryMegabytes,
      logGroupName,
      logStreamName,
      startedAt: monotonicNow(),
    } satisfies InstanceData,
    env: {
      ...environment,
      AWS_LAMBDA_LOG_GROUP_NAME: logGroupName,
      AWS_LAMBDA_LOG_STREAM_NAME: logStreamName,
    },
    // The local cloud's own loaders are not the function's.
    execArgv: [],
    argv: [],
    stdout: true,
    stderr: true,
    resourceLimits: {
      maxOldGenerationSizeMb: definition.memoryMegabytes,
      maxYoungGenerationSizeMb: youngGeneration(definition.memoryMegabytes),
    },
  });
  const follow = (stream: Readable, isError: boolean) => {
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => print(text, isError));
  };
  follow(worker.stdout, false);
  follow(worker.stderr, true);
  return worker;
}
