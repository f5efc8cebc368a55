/** The services that the row steps of a task call, as one worker calls them. */
import { tableKeys } from '../keys.ts';
import { STUCK_MS } from '../limits.ts';
import {
  createLimiter,
  type CallEnd,
  type Limiter,
  type LimiterPorts,
} from '../rateLimit/limiter.ts';
import type { ConnectionSecrets, ItemKey } from '../ports.ts';
import { RateLimitSchema, type RateLimit } from '../schemas/rateLimit.ts';
import { findConnection } from '../serviceConnections/connectionStore.ts';
import type { RowStep } from '../schemas/rowSteps.ts';
import type { CallFigures } from '../schemas/stepAnswers.ts';
import type { TaskItem } from '../schemas/items.ts';
import type { CompiledStep } from './compileSteps.ts';
import type { ServiceConnectionItem } from '../schemas/serviceConnectionItems.ts';

export type ServicePorts = LimiterPorts & {
  readonly connectionSecrets: Pick<ConnectionSecrets, 'read'>;
};

export interface Service {
  /** What people know it by. */
  readonly name: string;
  readonly limiter: Pick<Limiter, 'turn'>;
  /** Headers of every call; a step's own count more. */
  readonly headers: Readonly<Record<string, string>>;
  /** Those that are secret; they count more than any. */
  readonly secretHeaders: Readonly<Record<string, string>>;
  /** What a call costs, in millionths of a dollar. */
  readonly microUsd: number;
  /** Why nothing can be called: it is not there any more. */
  readonly gone?: string;
  /** Calls of this worker that failed since one succeeded, and for how long that goes on; undefined for none. */
  readonly failing: { readonly calls: number; readonly forMs: number } | undefined;
}

export interface Services {
  of(step: RowStep): Service;
  /** One that answered nothing for very long, whatever it says: its rows may all be waiting still. */
  readonly stuck: Service | undefined;
  /** Of all together; undefined where nothing is called. */
  figures(): CallFigures | undefined;
  /** Gives back what is held; no calls any more. */
  close(): Promise<void>;
}

/** The pace of a step that says nothing of it. */
export const USUAL_LIMIT = RateLimitSchema.parse({ perSecond: 10, concurrent: 10 });

/** What a call of a connection costs, in millionths of a dollar. */
export const microUsdOf = (
  connection: Pick<ServiceConnectionItem, 'pricePerCallUsd'> | undefined,
): number => Math.round((connection?.pricePerCallUsd ?? 0) * 1_000_000);

/** Counts what becomes of calls. */
function watched(limiter: Limiter, now: () => number) {
  let failing: { calls: number; since: number } | undefined;
  const note = ({ outcome }: CallEnd) => {
    if (outcome === 'answered') failing = undefined;
    if (outcome === 'failed' || outcome === 'throttled') {
      failing ??= { calls: 0, since: now() };
      failing.calls++;
    }
  };
  return {
    get failing() {
      return failing && { calls: failing.calls, forMs: now() - failing.since };
    },
    async turn(signal: AbortSignal) {
      const end = await limiter.turn(signal);
      return (how: CallEnd) => {
        note(how);
        end(how);
      };
    },
  };
}

/** What is known of a service before it is called. */
type Known = Omit<Service, 'limiter' | 'failing'> & {
  readonly key: ItemKey;
  readonly limit: RateLimit;
};

const ofItself = (taskId: string, step: RowStep): Known => ({
  name: `the row step "${step.name}"`,
  key: tableKeys.stepPace(taskId, step.name),
  limit: step.rateLimit ?? USUAL_LIMIT,
  headers: {},
  secretHeaders: {},
  microUsd: 0,
});

/** A connection as it is now: whoever deletes it ends its calls. */
async function ofConnection(
  ports: ServicePorts,
  { ownerId, taskId }: Pick<TaskItem, 'ownerId' | 'taskId'>,
  step: RowStep,
  connectionId: string,
): Promise<Known> {
  const connection = await findConnection(ports, ownerId, connectionId);
  const { secretName } = connection ?? {};
  const secretHeaders =
    secretName === undefined ? {} : await ports.connectionSecrets.read(secretName);
  if (!connection || !secretHeaders) {
    const gone = `The connection ${connectionId} was deleted. Make a new task with another one`;
    return { ...ofItself(taskId, step), gone };
  }
  const { name, headers, rateLimit = USUAL_LIMIT } = connection;
  return {
    name: `the connection "${name}"`,
    key: tableKeys.pace(connectionId),
    limit: rateLimit,
    headers,
    secretHeaders,
    microUsd: microUsdOf(connection),
  };
}

/** Opens what the steps call: one for each connection, and for each step without one. */
export async function openServices(
  ports: ServicePorts,
  task: Pick<TaskItem, 'ownerId' | 'taskId'>,
  steps: readonly CompiledStep[],
): Promise<Services> {
  const limiters: Limiter[] = [];
  const byConnection = new Map<string, Service>();
  const services = new Map<string, Service>();
  for (const { step } of steps) {
    const { connectionId } = step;
    const open = connectionId === undefined ? undefined : byConnection.get(connectionId);
    if (open) {
      services.set(step.name, open);
      continue;
    }
    const { key, limit, ...known } =
      connectionId === undefined
        ? ofItself(task.taskId, step)
        : await ofConnection(ports, task, step, connectionId);
    const limiter = createLimiter(ports, { key, limit, taskId: task.taskId });
    limiters.push(limiter);
    const watch = watched(limiter, () => ports.clock.monotonicMs());
    const service: Service = {
      ...known,
      limiter: watch,
      get failing() {
        return watch.failing;
      },
    };
    services.set(step.name, service);
    if (connectionId !== undefined) byConnection.set(connectionId, service);
  }
  return {
    of({ name }) {
      const service = services.get(name);
      if (!service) throw new Error(`The row step ${name} calls no service.`);
      return service;
    },
    get stuck() {
      return [...services.values()].find(({ failing }) => (failing?.forMs ?? 0) >= STUCK_MS);
    },
    figures() {
      const [first, ...others] = limiters
        .map((limiter) => limiter.figures())
        .sort((a, b) => b.waiting - a.waiting);
      if (!first) return undefined;
      const { rate, learned } = first;
      return {
        waiting: others.reduce((sum, { waiting }) => sum + waiting, first.waiting),
        ratePerSecond: rate,
        ...(learned !== undefined && { learnedPerSecond: learned }),
      };
    },
    async close() {
      await Promise.all(limiters.map((limiter) => limiter.close()));
    },
  };
}
