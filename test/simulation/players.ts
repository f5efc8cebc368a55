/** Threads that play scenarios. */
import { Worker } from 'node:worker_threads';
import type { Order } from './engine.ts';
import type { Outcome } from './run.ts';
import type { Scenario } from './scenario.ts';
import type { Deployment } from './world/world.ts';

export interface Players {
  readonly count: number;
  /** Plays a scenario as soon as a thread is free. */
  play(scenario: Scenario, options?: { keepsTrace?: boolean }): Promise<Outcome>;
  close(): Promise<void>;
}

interface Job extends Order {
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: Error) => void;
}

/** @param engine the bundle of engine.ts */
export function createPlayers(engine: string, deployment: Deployment, count: number): Players {
  const jobs: Job[] = [];
  const idle: Worker[] = [];
  const playing = new Map<Worker, Job>();

  function give(): void {
    while (jobs.length > 0 && idle.length > 0) {
      const [job, worker] = [jobs.shift(), idle.pop()];
      if (!job || !worker) return;
      playing.set(worker, job);
      const { scenario, keepsTrace } = job;
      worker.postMessage({ scenario, keepsTrace } satisfies Order);
    }
  }

  const workers = Array.from({ length: count }, () => {
    const worker = new Worker(engine, { workerData: deployment });
    worker.on('message', (outcome: Outcome) => {
      playing.get(worker)?.resolve(outcome);
      playing.delete(worker);
      idle.push(worker);
      give();
    });
    worker.on('error', (error) => {
      playing.get(worker)?.reject(error);
      playing.delete(worker);
    });
    idle.push(worker);
    return worker;
  });

  return {
    count,
    play: (scenario, { keepsTrace = false } = {}) =>
      new Promise((resolve, reject) => {
        jobs.push({ scenario, keepsTrace, resolve, reject });
        give();
      }),
    close: async () => void (await Promise.all(workers.map((worker) => worker.terminate()))),
  };
}
