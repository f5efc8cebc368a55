/**
 * The shape of a definition in Amazon States Language, as far as this interpreter runs it. Objects
 * are strict: a field that is not named here is refused, so that nothing is silently left out.
 * Flows within states are left unread here; definition.ts reads them one by one, which also gives
 * each fault its place.
 */
import { z } from 'zod';
import { MAX_ITEMS } from '../limits.ts';

const Path = z.string();
const Template = z.record(z.string(), z.json());
const Seconds = z.int().min(1).max(99_999_999);

const described = {
  Comment: z.string().optional(),
  QueryLanguage: z.literal('JSONPath').optional(),
};
const ends = { Next: z.string().optional(), End: z.boolean().optional() };
const inAndOut = { InputPath: Path.nullish(), OutputPath: Path.nullish() };
const result = { ResultSelector: Template.optional(), ResultPath: Path.nullish() };

const RetrierSchema = z.strictObject({
  /** An empty list takes no error, as in Step Functions. */
  ErrorEquals: z.array(z.string()),
  Comment: z.string().optional(),
  IntervalSeconds: z.int().min(1).max(99_999_999).default(1),
  MaxAttempts: z.int().min(0).max(99_999_999).default(3),
  BackoffRate: z.number().min(1).default(2),
  MaxDelaySeconds: z.int().min(1).max(31_622_400).optional(),
  JitterStrategy: z.enum(['NONE', 'FULL']).default('NONE'),
});
const CatcherSchema = z.strictObject({
  ErrorEquals: z.array(z.string()),
  Comment: z.string().optional(),
  Next: z.string(),
  ResultPath: Path.nullish(),
});
const failing = {
  Retry: z.array(RetrierSchema).optional(),
  Catch: z.array(CatcherSchema).optional(),
};

const PassSchema = z.strictObject({
  Type: z.literal('Pass'),
  ...described,
  ...ends,
  ...inAndOut,
  Parameters: Template.optional(),
  Result: z.json().optional(),
  ResultPath: Path.nullish(),
});

const TaskSchema = z.strictObject({
  Type: z.literal('Task'),
  ...described,
  ...ends,
  ...inAndOut,
  ...result,
  ...failing,
  Resource: z.string(),
  Parameters: Template.optional(),
  TimeoutSeconds: Seconds.optional(),
  TimeoutSecondsPath: Path.optional(),
});

const ChoiceSchema = z.strictObject({
  Type: z.literal('Choice'),
  ...described,
  ...inAndOut,
  Choices: z.array(Template.and(z.looseObject({ Next: z.string() }))).min(1),
  Default: z.string().optional(),
});

const WaitSchema = z.strictObject({
  Type: z.literal('Wait'),
  ...described,
  ...ends,
  ...inAndOut,
  Seconds: z.int().min(0).max(99_999_999).optional(),
  SecondsPath: Path.optional(),
  Timestamp: z.iso.datetime({ offset: true }).optional(),
  TimestampPath: Path.optional(),
});

const SucceedSchema = z.strictObject({ Type: z.literal('Succeed'), ...described, ...inAndOut });

const FailSchema = z.strictObject({
  Type: z.literal('Fail'),
  ...described,
  Error: z.string().optional(),
  ErrorPath: z.string().optional(),
  Cause: z.string().optional(),
  CausePath: z.string().optional(),
});

const ParallelSchema = z.strictObject({
  Type: z.literal('Parallel'),
  ...described,
  ...ends,
  ...inAndOut,
  ...result,
  ...failing,
  Parameters: Template.optional(),
  Branches: z.array(z.unknown()).min(1),
});

const ReaderSchema = z.strictObject({
  Resource: z.literal('arn:aws:states:::s3:getObject'),
  Parameters: Template,
  ReaderConfig: z.strictObject({
    InputType: z.enum(['JSON', 'JSONL', 'CSV']),
    ItemsPointer: z
      .string()
      .regex(/^(\/.*)?$/s)
      .optional(),
    CSVHeaderLocation: z.enum(['FIRST_ROW', 'GIVEN']).optional(),
    CSVHeaders: z.array(z.string()).optional(),
    CSVDelimiter: z.enum(['COMMA', 'PIPE', 'SEMICOLON', 'SPACE', 'TAB']).optional(),
    MaxItems: z.int().max(MAX_ITEMS).optional(),
    MaxItemsPath: Path.optional(),
  }),
});

const BatcherSchema = z.strictObject({
  BatchInput: Template.optional(),
  MaxItemsPerBatch: z.int().min(1).optional(),
  MaxItemsPerBatchPath: Path.optional(),
  MaxInputBytesPerBatch: z.int().min(1).max(262_144).optional(),
  MaxInputBytesPerBatchPath: Path.optional(),
});

const WriterSchema = z.strictObject({
  Resource: z.literal('arn:aws:states:::s3:putObject').optional(),
  Parameters: Template.optional(),
  WriterConfig: z
    .strictObject({
      Transformation: z.enum(['NONE', 'COMPACT', 'FLATTEN']).optional(),
      OutputType: z.enum(['JSON', 'JSONL']).optional(),
    })
    .optional(),
});

const ProcessorConfigSchema = z.strictObject({
  Mode: z.enum(['INLINE', 'DISTRIBUTED']).default('INLINE'),
  ExecutionType: z.enum(['STANDARD', 'EXPRESS']).optional(),
});

const MapSchema = z.strictObject({
  Type: z.literal('Map'),
  ...described,
  ...ends,
  ...inAndOut,
  ...result,
  ...failing,
  ItemsPath: Path.optional(),
  ItemSelector: Template.optional(),
  /** The old name of ItemSelector. */
  Parameters: Template.optional(),
  ItemProcessor: z.unknown().optional(),
  /** The old name of ItemProcessor. */
  Iterator: z.unknown().optional(),
  ItemReader: ReaderSchema.optional(),
  ItemBatcher: BatcherSchema.optional(),
  ResultWriter: WriterSchema.optional(),
  MaxConcurrency: z.int().min(0).optional(),
  MaxConcurrencyPath: Path.optional(),
  ToleratedFailureCount: z.int().min(0).optional(),
  ToleratedFailureCountPath: Path.optional(),
  ToleratedFailurePercentage: z.number().min(0).max(100).optional(),
  ToleratedFailurePercentagePath: Path.optional(),
  Label: z
    .string()
    .regex(/^[^\s?*<>{}[\]:;,\\|^~$#%&`"\p{Cc}]{1,40}$/u)
    .optional(),
});

/** One state, by its Type. */
export const StateSchema = z.discriminatedUnion('Type', [
  PassSchema,
  TaskSchema,
  ChoiceSchema,
  WaitSchema,
  SucceedSchema,
  FailSchema,
  ParallelSchema,
  MapSchema,
]);
export type StateDefinition = z.infer<typeof StateSchema>;
export type StateOfType<Type extends StateDefinition['Type']> = Extract<
  StateDefinition,
  { Type: Type }
>;

const flow = {
  ...described,
  StartAt: z.string(),
  States: z.record(z.string().min(1).max(80), z.unknown()),
};

/** A branch of a Parallel state. */
export const BranchSchema = z.strictObject(flow);

/** What a Map state runs for each item. */
export const ProcessorSchema = z.strictObject({
  ...flow,
  ProcessorConfig: ProcessorConfigSchema.prefault({}),
});

/** A whole state machine. */
export const DefinitionSchema = z.strictObject({
  ...flow,
  Version: z.literal('1.0').optional(),
  TimeoutSeconds: Seconds.optional(),
});
