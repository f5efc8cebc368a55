/**
 * An execution environment of Lambda: a process that runs the runtime client and nothing else, frozen while
 * it has no event (https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html).
 */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { FunctionDefinition } from '../../../local/cloudFormation/functionDefinitions.ts';
import type { InvocationResult } from '../../../local/lambda/invoke.ts';
import { serveRuntimeApi, type Asked, type PostedResponse } from './runtimeApi.ts';

type Failed = Extract<InvocationResult, { ok: false }>;
/** What came of an event; of one that succeeded, all that was posted. */
export type Answer = Failed | ({ readonly ok: true } & PostedResponse);

export interface Environment {
  /** Resolves once it waits for its first event, or with what kept the function from loading. */
  readonly loaded: Promise<Failed | undefined>;
  /** What it said when it asked for an event the last time; undefined before the first. */
  readonly asked: Asked | undefined;
  /** Events that it was given and that have ended. */
  readonly answered: number;
  readonly usable: boolean;
  /** Runs one event; never rejects. One at a time. */
  invoke(payload: string): Promise<Answer>;
  /** Shuts it down as Lambda does. @returns the signal, or the exit code, that it ended with */
  stop(): Promise<NodeJS.Signals | number | null>;
}

export interface EnvironmentOptions {
  readonly definition: FunctionDefinition;
  /** Path of the bundled client/main.ts. */
  readonly clientPath: string;
  /** All that the process has in its environment but the address of the Runtime API. */
  readonly variables: Readonly<Record<string, string>>;
  readonly print: (text: string, isError: boolean) => void;
}

/** How long a process may take to follow SIGTERM. Lambda gives it 2 s at most. */
const SHUTDOWN_MS = 2_000;

/** Lambda leaves a tenth of the function's memory to all that is not in V8's heap. */
const HEAP_SHARE = 0.9;

export async function startEnvironment(options: EnvironmentOptions): Promise<Environment> {
  const { definition, clientPath, variables, print } = options;
  let asked: Asked | undefined;
  let frozen = false;
  let usable = true;
  let answered = 0;
  /** The event under way. */
  let current: { requestId: string; finish: (result: Answer) => void } | undefined;
  let lastWords: Failed | undefined;

  let settle: (failure?: Failed) => void = () => undefined;
  const loaded = new Promise<Failed | undefined>((resolve) => (settle = resolve));

  const finish = (requestId: string, result: Answer) => {
    if (current?.requestId !== requestId) return;
    const { finish } = current;
    current = undefined;
    answered++;
    finish(result);
  };

  const api = await serveRuntimeApi({
    onAsked(now, waits) {
      asked = now;
      if (waits) frozen = child.kill('SIGSTOP');
      settle();
    },
    onResponse: (requestId, response) => finish(requestId, { ok: true, ...response }),
    onError: (requestId, error) => finish(requestId, { ok: false, error }),
    onInitError(error) {
      lastWords = { ok: false, error };
      settle(lastWords);
    },
  });

  const heap = Math.floor(definition.memoryMegabytes * HEAP_SHARE);
  const child = spawn(process.execPath, [`--max-old-space-size=${heap}`, clientPath], {
    cwd: definition.folder,
    env: { ...variables, AWS_LAMBDA_RUNTIME_API: api.address },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.on('data', (text: Buffer) => print(text.toString('utf8'), false));
  child.stderr.on('data', (text: Buffer) => print(text.toString('utf8'), true));
  const ended = once(child, 'close').then(([code, signal]: (NodeJS.Signals | number | null)[]) => {
    usable = false;
    api.close();
    lastWords ??= exited(current?.requestId, code ?? signal ?? null);
    settle(lastWords);
    if (current) finish(current.requestId, lastWords);
    return signal ?? code ?? null;
  });
  const thaw = () => {
    if (frozen) child.kill('SIGCONT');
    frozen = false;
  };

  return {
    loaded,
    get asked() {
      return asked;
    },
    get answered() {
      return answered;
    },
    get usable() {
      return usable;
    },
    async invoke(payload) {
      const failure = await loaded;
      if (failure) return failure;
      const requestId = randomUUID();
      return new Promise((resolve) => {
        const timer = setTimeout(() => {
          usable = false;
          lastWords = timedOut(requestId, definition.timeoutMs);
          child.kill('SIGKILL');
        }, definition.timeoutMs);
        current = {
          requestId,
          finish(result) {
            clearTimeout(timer);
            resolve(result);
          },
        };
        thaw();
        api.hand({
          requestId,
          functionArn: definition.arn,
          deadline: Date.now() + definition.timeoutMs,
          traceId: traceHeader(requestId),
          payload,
        });
      });
    },
    async stop() {
      usable = false;
      thaw();
      child.kill('SIGTERM');
      const force = setTimeout(() => child.kill('SIGKILL'), SHUTDOWN_MS);
      const how = await ended;
      clearTimeout(force);
      return how;
    },
  };
}

const failure = (errorType: string, errorMessage: string): Failed => ({
  ok: false,
  error: { errorType, errorMessage },
});

const exited = (requestId: string | undefined, how: string | number | null) => {
  const reason = typeof how === 'number' ? `exit status ${how}` : `signal: ${how}`;
  const message = `RequestId: ${requestId ?? ''} Error: Runtime exited with error: ${reason}`;
  return failure('Runtime.ExitError', message);
};

const timedOut = (requestId: string, ms: number) =>
  failure(
    'Sandbox.Timedout',
    `RequestId: ${requestId} Error: Task timed out after ${(ms / 1000).toFixed(2)} seconds`,
  );

/** X-Ray's format: version, seconds, 96 random bits; sampled, so that what is traced is sent. */
function traceHeader(requestId: string): string {
  const seconds = Math.floor(Date.now() / 1000).toString(16);
  const digits = requestId.replaceAll('-', '');
  return `Root=1-${seconds}-${digits.slice(0, 24)};Parent=${digits.slice(16)};Sampled=1`;
}
