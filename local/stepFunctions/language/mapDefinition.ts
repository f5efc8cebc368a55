/** Reads the Map states of a definition, inline and distributed. */
import { DefinitionFault } from '../failures.ts';
import { nameUuid } from '../randomness.ts';
import { nextOf, onlyFields, readAs, setting } from './definitionParts.ts';
import { ProcessorSchema } from './definitionSchema.ts';
import type { StateOfType } from './definitionSchema.ts';
import { parsePath } from './paths.ts';
import type { Flow, ItemBatcher, ItemReader, ResultWriter, State } from './program.ts';
import { compileTemplate } from './templates.ts';

/** Where a flow stands, for what is only allowed in some places. */
export interface Place {
  /** Told in faults, such as `The workflow Task, RenderShards`. */
  readonly where: string;
  readonly inChild: boolean;
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
  'ItemBatcher',
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
  const { processor, selector } = renamed(state, where);
  const read = readAs(ProcessorSchema, processor, `${where}.ItemProcessor`);
  const { Mode, ExecutionType } = read.ProcessorConfig;
  const distributed = Mode === 'DISTRIBUTED';
  const map = {
    ...base,
    // Map's Parameters is the old name of ItemSelector, not an input of the state.
    parameters: undefined,
    next: nextOf(state, where),
    itemsPath: parsePath(state.ItemsPath ?? '$', where),
    itemSelector: selector && compileTemplate(selector, `${where}.ItemSelector`),
    maxConcurrency: setting(state, 'MaxConcurrency', where),
    flow: compileFlow(read, { ...place, inChild: place.inChild || distributed }),
  };
  if (!distributed) {
    const field = ONLY_DISTRIBUTED.find((name) => state[name] !== undefined);
    if (field === undefined) return { ...map, kind: 'InlineMap' };
    throw new DefinitionFault(where, `${field} needs an ItemProcessor of mode DISTRIBUTED.`);
  }
  if (place.inChild) {
    throw new DefinitionFault(where, 'a DISTRIBUTED map within another is not known here.');
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
    reader: state.ItemReader && compileReader(state.ItemReader, `${where}.ItemReader`),
    batcher: state.ItemBatcher && compileBatcher(state.ItemBatcher, `${where}.ItemBatcher`),
    writer: state.ResultWriter && compileWriter(state.ResultWriter, `${where}.ResultWriter`),
    toleratedFailureCount: setting(state, 'ToleratedFailureCount', where),
    toleratedFailurePercentage: setting(state, 'ToleratedFailurePercentage', where),
  };
}

/** ItemProcessor and ItemSelector, which were once called Iterator and Parameters. */
function renamed(state: StateOfType<'Map'>, where: string) {
  if ((state.ItemProcessor === undefined) === (state.Iterator === undefined)) {
    throw new DefinitionFault(where, 'a Map needs an ItemProcessor.');
  }
  if (state.ItemSelector && state.Parameters) {
    throw new DefinitionFault(where, 'ItemSelector and Parameters cannot both be given.');
  }
  return {
    processor: state.ItemProcessor ?? state.Iterator,
    selector: state.ItemSelector ?? state.Parameters,
  };
}

const CSV_DELIMITERS = { COMMA: ',', PIPE: '|', SEMICOLON: ';', SPACE: ' ', TAB: '\t' } as const;

function compileReader(
  reader: NonNullable<StateOfType<'Map'>['ItemReader']>,
  where: string,
): ItemReader {
  const { ReaderConfig: config } = reader;
  onlyFields(reader.Parameters, ['Bucket', 'Key'], `${where}.Parameters`);
  if (config.ItemsPointer !== undefined && config.InputType !== 'JSON') {
    throw new DefinitionFault(where, 'ItemsPointer needs the InputType JSON.');
  }
  if (config.InputType === 'CSV') {
    if ((config.CSVHeaderLocation === 'GIVEN') !== (config.CSVHeaders !== undefined)) {
      throw new DefinitionFault(where, 'CSVHeaders and CSVHeaderLocation GIVEN go together.');
    }
    if (!config.CSVHeaderLocation) {
      throw new DefinitionFault(where, 'the InputType CSV needs a CSVHeaderLocation.');
    }
  }
  return {
    parameters: compileTemplate(reader.Parameters, `${where}.Parameters`),
    format: config.InputType,
    pointer: config.ItemsPointer ?? '',
    csvHeaders: config.CSVHeaders,
    csvDelimiter: CSV_DELIMITERS[config.CSVDelimiter ?? 'COMMA'],
    maxItems: setting(config, 'MaxItems', where),
  };
}

function compileBatcher(
  batcher: NonNullable<StateOfType<'Map'>['ItemBatcher']>,
  where: string,
): ItemBatcher {
  const maxItems = setting(batcher, 'MaxItemsPerBatch', where);
  const maxBytes = setting(batcher, 'MaxInputBytesPerBatch', where);
  if (!maxItems && !maxBytes) {
    throw new DefinitionFault(where, 'needs MaxItemsPerBatch or MaxInputBytesPerBatch.');
  }
  return {
    batchInput: batcher.BatchInput && compileTemplate(batcher.BatchInput, `${where}.BatchInput`),
    maxItems,
    maxBytes,
  };
}

function compileWriter(
  writer: NonNullable<StateOfType<'Map'>['ResultWriter']>,
  where: string,
): ResultWriter {
  const { Resource, Parameters, WriterConfig } = writer;
  if ((Resource === undefined) !== (Parameters === undefined)) {
    throw new DefinitionFault(where, 'Resource and Parameters go together.');
  }
  if (!Resource && !WriterConfig) {
    throw new DefinitionFault(where, 'needs Resource and Parameters, or a WriterConfig.');
  }
  if (!Resource && WriterConfig?.OutputType === 'JSONL') {
    throw new DefinitionFault(
      where,
      'OutputType JSONL is only known for results that are exported.',
    );
  }
  if (Parameters) onlyFields(Parameters, ['Bucket', 'Prefix'], `${where}.Parameters`);
  return {
    parameters: Parameters && compileTemplate(Parameters, `${where}.Parameters`),
    transformation: WriterConfig?.Transformation ?? 'NONE',
    outputType: WriterConfig?.OutputType ?? 'JSON',
  };
}
