/** Reads the Map states of a definition, inline and distributed. */
import { DefinitionFault } from '../failures.ts';
import { nameUuid } from '../randomness.ts';
import { nextOf, onlyFields, readAs, setting } from './definitionParts.ts';
import { NOT_RUN, ProcessorSchema } from './definitionSchema.ts';
import type { StateOfType } from './definitionSchema.ts';
import type { Evaluate } from './intrinsics.ts';
import { parsePath } from './paths.ts';
import type { Flow, State } from './program.ts';
import { compileTemplate } from './templates.ts';

/** Where a flow stands, for what is only allowed in some places. */
export interface Place {
  /** Told in faults, such as `The workflow Task, RenderShards`. */
  readonly where: string;
  readonly inChild: boolean;
  /** Within a map whose children are EXPRESS. */
  readonly inExpress: boolean;
  /** Labels of the Map Runs so far: unique in a machine. */
  readonly labels: Set<string>;
}

/** Reads the states of a flow (definition.ts). */
export type CompileFlow = (
  flow: { StartAt: string; States: Record<string, unknown> },
  place: Place,
) => Flow;

/** What all states have. */
type Base = Omit<State, 'kind' | 'next'>;

const ONLY_DISTRIBUTED = [
  'ItemReader',
  'ResultWriter',
  'ToleratedFailureCount',
  'ToleratedFailureCountPath',
  'ToleratedFailurePercentage',
  'ToleratedFailurePercentagePath',
  'Label',
] as const;

/** Reads a Map; `base` is what all states have, `compileFlow` reads what it does for each item. */
export function compileMap(
  base: Base,
  state: StateOfType<'Map'>,
  place: Place,
  compileFlow: CompileFlow,
): State {
  const { where } = place;
  const read = readAs(ProcessorSchema, state.ItemProcessor, `${where}.ItemProcessor`);
  const { Mode, ExecutionType } = read.ProcessorConfig;
  const distributed = Mode === 'DISTRIBUTED';
  const map = {
    ...base,
    next: nextOf(state, where),
    itemsPath: parsePath(state.ItemsPath ?? '$', where),
    itemSelector:
      state.ItemSelector && compileTemplate(state.ItemSelector, `${where}.ItemSelector`),
    maxConcurrency: setting(state, 'MaxConcurrency', where),
    flow: compileFlow(read, {
      ...place,
      inChild: place.inChild || distributed,
      inExpress: place.inExpress || (distributed && ExecutionType === 'EXPRESS'),
    }),
  };
  if (!distributed) {
    const field = ONLY_DISTRIBUTED.find((name) => state[name] !== undefined);
    if (field === undefined) return { ...map, kind: 'InlineMap' };
    throw new DefinitionFault(where, `${field} needs an ItemProcessor of mode DISTRIBUTED.`);
  }
  if (place.inChild) {
    throw new DefinitionFault(where, `${NOT_RUN} a DISTRIBUTED map within another.`);
  }
  if (!ExecutionType) {
    throw new DefinitionFault(where, 'a DISTRIBUTED map needs an ExecutionType.');
  }
  const label = state.Label ?? nameUuid(base.name);
  if (place.labels.has(label)) throw new DefinitionFault(where, `the Label ${label} is taken.`);
  place.labels.add(label);
  return {
    ...map,
    kind: 'DistributedMap',
    label,
    executionType: ExecutionType,
    reader: parametersOf(state.ItemReader, ['Bucket', 'Key'], `${where}.ItemReader`),
    writer: parametersOf(state.ResultWriter, ['Bucket', 'Prefix'], `${where}.ResultWriter`),
    toleratedFailureCount: setting(state, 'ToleratedFailureCount', where),
    toleratedFailurePercentage: setting(state, 'ToleratedFailurePercentage', where),
  };
}

/** What a reader or writer calls the object store with. */
function parametersOf(
  service: StateOfType<'Map'>['ItemReader' | 'ResultWriter'],
  known: string[],
  where: string,
): Evaluate | undefined {
  if (!service) return undefined;
  onlyFields(service.Parameters, known, `${where}.Parameters`);
  return compileTemplate(service.Parameters, `${where}.Parameters`);
}
