/** Whether an API that was named can be used from here. */
import { ApiError } from '../../../client/errors.ts';
import type { Context } from '../../context.ts';
import { explain } from '../../errors.ts';
import type { Target } from '../../target/target.ts';
import type { Finding } from './finding.ts';

/** Links that are signed for minutes are no good where clocks differ more. */
const MOST_SKEW_MS = 60_000;
const EVENTS_PATIENCE_MS = 15_000;

/** Findings in the order that things are needed in; the first that is bad ends them. */
export async function* examineApi(context: Context): AsyncGenerator<Finding, void, undefined> {
  yield* proxyFinding(context);
  let target: Target;
  try {
    target = await context.target();
  } catch (error) {
    yield { grade: 'bad', what: 'API', detail: explain(error).message };
    return;
  }
  const { signal } = context.interrupts;
  const { apiUrl, client } = target;
  const { version } = await client.getHealth({}, { signal });
  yield { grade: 'good', what: 'API', detail: `${apiUrl} answers, version ${version}` };
  yield await clockFinding(apiUrl, signal);
  try {
    const { taskLimit } = await client.getUsage({}, { signal });
    yield { grade: 'good', what: 'Key', detail: `is taken, ${taskLimit} tasks at a time` };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    yield { grade: 'bad', what: 'Key', detail: explain(error, apiUrl).message };
    return;
  }
  yield await eventsFinding(target, signal);
}

async function clockFinding(apiUrl: string, signal: AbortSignal): Promise<Finding> {
  const what = 'Clock';
  const response = await fetch(`${apiUrl}/health`, { signal });
  await response.body?.cancel();
  const there = Date.parse(response.headers.get('date') ?? '');
  const skew = Math.abs(Date.now() - there);
  if (Number.isNaN(skew)) return { grade: 'odd', what, detail: 'the API does not tell the time' };
  if (skew <= MOST_SKEW_MS) return { grade: 'good', what, detail: 'agrees with that of the API' };
  return {
    grade: 'bad',
    what,
    detail: `differs by ${Math.round(skew / 1000)} s from that of the API`,
    advice: 'Set the clock of this machine: links and signatures are good for minutes.',
  };
}

async function eventsFinding({ client }: Target, signal: AbortSignal): Promise<Finding> {
  const what = 'Events';
  const late = AbortSignal.timeout(EVENTS_PATIENCE_MS);
  try {
    for await (const { type } of client.events({ signal: AbortSignal.any([signal, late]) })) {
      if (type === 'snapshot') break;
    }
    return { grade: 'good', what, detail: 'arrive' };
  } catch (error) {
    signal.throwIfAborted();
    return {
      grade: 'odd',
      what,
      detail: late.aborted
        ? `none arrived within ${EVENTS_PATIENCE_MS / 1000} s`
        : explain(error).message,
      advice: 'A proxy or firewall may block WebSockets and streams: allow them for this host.',
    };
  }
}

const PROXY_VARIABLES = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy'];

/** Node's own fetch goes past a proxy, unless it is told not to. */
function* proxyFinding({ env }: Context): Generator<Finding> {
  const name = PROXY_VARIABLES.find((each) => (env[each] ?? '') !== '');
  if (name === undefined || (env['NODE_USE_ENV_PROXY'] ?? '') !== '') return;
  yield {
    grade: 'odd',
    what: 'Proxy',
    detail: `${name} is set, and Node.js does not use it by itself`,
    advice: 'If the API is behind the proxy, set NODE_USE_ENV_PROXY=1 (Node.js 24 or later).',
  };
}
