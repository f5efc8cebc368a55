/**
 * The local workflow engine: runs state machines in Amazon States Language as Step Functions does,
 * and serves its API. docs/adr/0020-own-workflow-interpreter.md says why there is one, and what it
 * leaves out.
 */
import { machineOf, parseMachineArn } from './arns.ts';
import { compileDefinition } from './language/definition.ts';
import type { LiveMapRuns } from './map/distributedMap.ts';
import { createExecutions } from './executions/executions.ts';
import type { Executions, Machine } from './executions/executions.ts';
import { DefinitionFault } from './failures.ts';
import { toJson } from './json.ts';
import { createMapRunQueries } from './map/mapRunQueries.ts';
import { answerRequest } from './api/protocol.ts';
import type { Authorize, ServiceAnswer } from './api/protocol.ts';
import { randomUuid } from './randomness.ts';
import type { Services } from './services.ts';
import { createTokenAnswers } from './api/tokenAnswers.ts';
import { createWaitingTasks } from './taskTokens.ts';

export interface StateMachineSource {
  /** `arn:aws:states:REGION:ACCOUNT:stateMachine:NAME`. */
  readonly arn: string;
  readonly name: string;
  /** Amazon States Language, parsed, with the template's intrinsics resolved. */
  readonly definition: unknown;
  /** Only STANDARD machines are run; the children of their maps may be EXPRESS. */
  readonly type: string;
  /** The role that the machine acts in; default: one named like the machine. */
  readonly roleArn?: string;
}

export interface WorkflowEngineOptions extends Services {
  /** The engine's own folder: nothing else is in it, and no other engine uses it. */
  readonly dataDir: string;
  readonly stateMachines: readonly StateMachineSource[];
}

export interface WorkflowEngine extends Pick<
  Executions,
  'start' | 'describe' | 'stop' | 'resumeAll' | 'close'
> {
  /**
   * Answers a request of the Step Functions API (AWS JSON 1.0).
   * @param target the header X-Amz-Target, AWSStepFunctions.StartExecution for example
   * @param authorize says whether the caller may; default: everyone may
   */
  handle(target: string, body: string, authorize?: Authorize): Promise<ServiceAnswer>;
}

/**
 * Loads the state machines and finds what an earlier engine has left in `dataDir`; resumeAll goes on
 * with it.
 * @throws {DefinitionFault} for a definition that would not be run exactly, with what it holds
 */
export function createWorkflowEngine(options: WorkflowEngineOptions): WorkflowEngine {
  const { dataDir, stateMachines, ...services } = options;
  const machines = new Map(
    stateMachines.map((source) => [source.arn, loadMachine(source, services)]),
  );
  const closing = new AbortController();
  const live: LiveMapRuns = {
    summaries: new Map(),
    updates: new Map(),
    interrupted: new Map(),
    work: new Set(),
    closing: closing.signal,
  };
  const waiting = createWaitingTasks();
  const executions = createExecutions({ dataDir, services, machines, live, waiting, closing });
  const mapRuns = createMapRunQueries(executions, live);
  const tokens = createTokenAnswers({ executions, waiting, live });
  const requestId = () => randomUuid(services.random);
  return {
    ...executions,
    handle: (target, body, authorize = () => true) =>
      answerRequest(
        { machines, executions, mapRuns, tokens, requestId, log: services.log },
        target,
        body,
        authorize,
      ),
  };
}

function loadMachine(source: StateMachineSource, { clock }: Services): Machine {
  const { arn, name, type } = source;
  if (type !== 'STANDARD') {
    throw new DefinitionFault(`The workflow ${name}`, `the type ${type} is not known here.`);
  }
  if (parseMachineArn(arn)?.name !== name) {
    throw new DefinitionFault(`The workflow ${name}`, `${arn} is not its ARN.`);
  }
  const account = machineOf(arn).prefix.split(':')[4] ?? '';
  return {
    arn,
    name,
    roleArn: source.roleArn ?? `arn:aws:iam::${account}:role/${name}`,
    definition: toJson(source.definition),
    program: compileDefinition(name, source.definition),
    createdAt: clock.now(),
  };
}
