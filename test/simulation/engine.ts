/**
 * What runs in a bundle (bundle.ts): the project's code over the simulated world. As a worker it plays the
 * scenarios that it is sent, one after the other.
 */
import { parentPort, workerData } from 'node:worker_threads';
import './world/parsedOnce.ts';
import { createFurniture, type Furniture } from './furniture.ts';
import { runScenario, type Outcome } from './run.ts';
import type { Scenario } from './scenario.ts';
import type { Deployment } from './world/world.ts';

export { createFurniture, runScenario };

/** Documents that cannot be made are thrown, and a stack is written for each: of it the judge shows the first line. */
Error.stackTraceLimit = 3;

/** What a worker is asked. */
export interface Order {
  readonly scenario: Scenario;
  readonly keepsTrace: boolean;
}

async function work(order: Order, deployment: Deployment, furniture: Furniture): Promise<Outcome> {
  return runScenario(order.scenario, deployment, furniture, order);
}

if (parentPort) {
  const port = parentPort;
  const deployment = workerData as Deployment;
  const ready = createFurniture(deployment);
  port.on('message', (order: Order) => {
    void ready
      .then((furniture) => work(order, deployment, furniture))
      .then((outcome) => port.postMessage(outcome));
  });
}
