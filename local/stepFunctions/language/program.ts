/** A definition made ready to run: names resolved, paths and templates parsed, defaults filled in. */
import type { Condition } from './choices.ts';
import type { Evaluate } from './intrinsics.ts';
import type { Json } from '../json.ts';
import type { Path } from './paths.ts';
import type { Retrier } from './retry.ts';

/** States and where they begin: a whole machine, a branch, or what a map does for each item. */
export interface Flow {
  readonly startAt: string;
  readonly states: ReadonlyMap<string, State>;
}

export interface Program {
  readonly flow: Flow;
  /** The whole execution's time, in seconds. */
  readonly timeoutSeconds: number | undefined;
}

export interface Catcher {
  readonly errors: readonly string[];
  readonly next: string;
  /** null drops the error output. */
  readonly resultPath: Path | null;
}

/** A number in the definition, or a path to one in the data. */
export type Setting =
  { readonly value: number } | { readonly path: Path; readonly field: string } | undefined;

/** What all states have; a state without the field in its language has the neutral value here. */
interface AnyState {
  readonly name: string;
  /** undefined ends the flow. */
  readonly next: string | undefined;
  /** null is an empty object (InputPath: null). */
  readonly inputPath: Path | null;
  readonly parameters: Evaluate | undefined;
  readonly resultSelector: Evaluate | undefined;
  /** null drops the result. */
  readonly resultPath: Path | null;
  readonly outputPath: Path | null;
  readonly retriers: readonly Retrier[];
  readonly catchers: readonly Catcher[];
}

export interface PassState extends AnyState {
  readonly kind: 'Pass';
  readonly result: Json | undefined;
}

export interface TaskState extends AnyState {
  readonly kind: 'Task';
  /** Whether it ends when its token is answered, and not when its function answers. */
  readonly waitsForToken: boolean;
  readonly timeoutSeconds: Setting;
}

export interface ChoiceState extends AnyState {
  readonly kind: 'Choice';
  readonly rules: readonly { readonly holds: Condition; readonly next: string }[];
  readonly otherwise: string | undefined;
}

export interface WaitState extends AnyState {
  readonly kind: 'Wait';
  readonly until:
    | { readonly seconds: Setting }
    | { readonly timestamp: string }
    | { readonly timestampPath: Path };
}

export interface SucceedState extends AnyState {
  readonly kind: 'Succeed';
}

export interface FailState extends AnyState {
  readonly kind: 'Fail';
  readonly error: Evaluate | undefined;
  readonly cause: Evaluate | undefined;
}

interface AnyMap extends AnyState {
  readonly flow: Flow;
  readonly itemsPath: Path;
  readonly itemSelector: Evaluate | undefined;
  readonly maxConcurrency: Setting;
}

export interface InlineMapState extends AnyMap {
  readonly kind: 'InlineMap';
}

export interface DistributedMapState extends AnyMap {
  readonly kind: 'DistributedMap';
  readonly label: string;
  readonly executionType: 'STANDARD' | 'EXPRESS';
  /** Makes the Bucket and Key of the object whose JSON array holds the items. */
  readonly reader: Evaluate | undefined;
  /** Makes the Bucket and Prefix that the results are written to; default: they are the result. */
  readonly writer: Evaluate | undefined;
  readonly toleratedFailureCount: Setting;
  readonly toleratedFailurePercentage: Setting;
}

export type State =
  | PassState
  | TaskState
  | ChoiceState
  | WaitState
  | SucceedState
  | FailState
  | InlineMapState
  | DistributedMapState;
