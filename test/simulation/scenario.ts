/** A scenario: what people do, what the world is like, and what goes wrong. All of it follows from a seed (drawScenario.ts). */

/** What befalls one call of a port, counted over the whole scenario. */
export const CALL_FAULTS = [
  /** The process is killed before the call. */
  'dieBefore',
  /** The call takes effect, and the process is killed. */
  'dieBehind',
  /** The service fails, and nothing has happened. */
  'failBefore',
  /** The call takes effect, and its answer is an error. */
  'failBehind',
  /** The answer is lost and the client asks again: it takes effect twice, and the second answer counts. */
  'twice',
  /** The answer takes long. */
  'slow',
  /** The process stands still, its timeout too, and goes on when nobody reckons with it any more. */
  'freeze',
] as const;
export type CallFault = (typeof CALL_FAULTS)[number];

/** What befalls one invocation of a function. */
export const INVOCATION_FAULTS = [
  /** It begins late. */
  'late',
  /** The event is delivered twice; the first answer counts. */
  'twice',
  /** It runs, and its answer is lost. */
  'answerLost',
  /** There is no room for it. */
  'throttled',
  /** The clock of the machine is wrong. */
  'skewed',
] as const;
export type InvocationFault = (typeof INVOCATION_FAULTS)[number];

export interface Fault<Kind extends string> {
  /** Which call or invocation, from 1 on. */
  readonly number: number;
  readonly kind: Kind;
  /** How long, or how wrong. */
  readonly ms: number;
}

export interface TaskPlan {
  readonly owner: number;
  readonly rows: number;
  readonly templates: number;
  readonly source: 'inline' | 'upload';
  readonly concurrency: number;
  readonly mode: 'parallel' | 'sequential';
  readonly onError: 'continue' | 'stop';
  readonly maxRetries: number;
  readonly priority: number;
  /** Rows of which a document cannot be made. */
  readonly badRows: readonly number[];
  readonly webhook: boolean;
  /** When it is created, in ms. */
  readonly createdAt: number;
  /** Started with its creation; else by a start that is planned. */
  readonly autoStart: boolean;
  /** Ms after its creation at which it starts by itself. */
  readonly startsAfter: number | undefined;
  /** Whether its rows are checked before anything is made; undefined: as the API has it by itself. */
  readonly check?: 'strict' | 'warn' | 'off' | undefined;
  /** It waits until it is started with the hash of samples. */
  readonly approval?: boolean | undefined;
  /** Its rows are sent to a service before documents are made of them. */
  readonly calls?: boolean | undefined;
  /** Of such a task: its service answers later, by calling back; undefined: at once. */
  readonly callbacks?: CallbackPlan | undefined;
  /** The table of its results is read in the end, in this form. */
  readonly results?: 'jsonl' | 'csv' | undefined;
  /** Rows that documents are made of; undefined: all. */
  readonly selection?: Selection | undefined;
  /** So many rows that lie one behind the other give one document. */
  readonly groupsOf?: number | undefined;
  /** Index of an earlier task, upon which it is made when that has ended. */
  readonly base?: number | undefined;
  /** So many rows that the earlier task began with are not there any more: all others have other numbers. */
  readonly shift?: number | undefined;
  /** Rows with other values than those of the other tasks. */
  readonly changedRows?: readonly number[] | undefined;
}

/** When a service calls back. */
export interface CallbackPlan {
  /** How long that may take. */
  readonly timeoutSeconds: number;
  /**
   * For each request, row after row and from the first again: how long after it each of its callbacks comes, in ms.
   * None: it never calls back. Each says something else.
   */
  readonly after: readonly (readonly number[])[];
}

/** Rows from a number to another one, both included, by one option or the other. */
export interface Selection {
  readonly by: 'rows' | 'filter';
  readonly from: number;
  readonly to: number;
}

/** What people do with a task: one of these is drawn, so what stands twice is done more often. */
export const CONTROLS = [
  'pause',
  'pause',
  'resume',
  'resume',
  'cancel',
  'retry',
  'correct',
  'delete',
  'patch',
  /** Sets another moment at which it is to start by itself. */
  'postpone',
  /** Takes that moment back. */
  'unschedule',
  'read',
  'start',
  /** Has samples made, looks at them, and starts it with their hash. */
  'approve',
] as const;
/** What is drawn by itself: asks for the table of results. */
export const ASK_RESULTS = 'results';
export type Control = (typeof CONTROLS)[number] | typeof ASK_RESULTS;

export interface Action {
  readonly at: number;
  readonly task: number;
  readonly control: Control;
  /** Calls at the same moment. */
  readonly times: number;
}

/** Somebody who watches. */
export interface Visit {
  readonly owner: number;
  readonly at: number;
  /** Ms until the connection ends. */
  readonly stays: number;
  /** All tasks of the owner, or one. */
  readonly task: number | undefined;
  /** Ms until the server hears that it has ended; undefined: never. */
  readonly goodbyeAfter: number | undefined;
}

/** Somebody who reads server-sent events, and comes again from where the last answer broke off. */
export interface Reader {
  readonly owner: number;
  readonly at: number;
  /** All tasks of the owner, or one. */
  readonly task: number | undefined;
  /** How long each answer is read at the most, and how long it takes to ask for the next one, in ms. */
  readonly stays: readonly { readonly ms: number; readonly awayMs: number }[];
}

/** A webhook endpoint of an owner, for all tasks. */
export interface EndpointPlan {
  readonly owner: number;
  readonly at: number;
  /** Ms until it is deleted. */
  readonly deletedAfter: number | undefined;
  /** What its server answers first; 410 for good, else 204 from then on. */
  readonly answers: readonly number[];
}

/** Somebody deletes what a task is made from: its data source, or one of its owner's templates. */
export interface UploadDeletion {
  readonly at: number;
  readonly task: number;
  /** Index of the template; undefined: the data source. */
  readonly template: number | undefined;
}

export interface Scenario {
  readonly seed: number;
  /** What a look at a process's clock takes, in ms: how slow work is. */
  readonly lookMs: number;
  readonly taskLimit: number;
  readonly documentBudget: number | undefined;
  readonly tasks: readonly TaskPlan[];
  readonly actions: readonly Action[];
  readonly visits: readonly Visit[];
  readonly readers: readonly Reader[];
  readonly endpoints: readonly EndpointPlan[];
  readonly deletions: readonly UploadDeletion[];
  /** What the server of webhooks answers first: a status, or 0 for nothing. Later: 204. */
  readonly receiver: readonly number[];
  readonly callFaults: readonly Fault<CallFault>[];
  /** Of steps of workflows. */
  readonly stepFaults: readonly Fault<InvocationFault>[];
  /** Of the functions of gateways, and of the sweeper. */
  readonly requestFaults: readonly Fault<InvocationFault>[];
}

/** Scenarios have at most so many rows in a task. */
export const MOST_ROWS = 400;
/** In one that groups them, and in a group. */
export const MOST_GROUPED_ROWS = 30;
export const MOST_IN_GROUP = 3;
/** Owners of the simulated world. */
export const OWNERS = 2;
