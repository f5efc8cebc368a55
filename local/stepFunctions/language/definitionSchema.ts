/**
 * The shape of a definition in Amazon States Language, as far as this interpreter runs it. Objects
 * are strict: a field that is not named here is refused, so that nothing is silently left out.
 * Flows within states are left unread here; definition.ts reads them one by one, which also gives
 * each fault its place.
 */
import { z } from 'zod';

/** Begins what a refusal says of a part of the language that is known, but not run here. */
export const NOT_RUN = 'the local workflow engine does not run';

/** A choice of the language of which only some values are run. */
const only = <const Values extends readonly [string, ...string[]]>(...values: Values) =>
  z.enum(values, {
    error: ({ input }) => `${NOT_RUN} ${JSON.stringify(input)}, only ${values.join(', ')}`,
  });

const Path = z.string();
const Template = z.record(z.string(), z.json());
const Seconds = z.int().min(1).max(99_999_999);

const described = {
  Comment: z.string().optional(),
  QueryLanguage: only('JSONPath').optional(),
};
const ends = { Next: z.string().optional(), End: z.boolean().optional() };
const inAndOut = { InputPath: Path.nullish(), OutputPath: Path.nullish() };
const result = { ResultSelector: Template.optional(), ResultPath: Path.nullish() };

/** An empty list takes no error, as in Step Functions. */
const ErrorEquals = z.array(z.string());

const RetrierSchema = z.strictObject({
  ErrorEquals,
  Comment: z.string().optional(),
  IntervalSeconds: z.int().min(1).max(99_999_999).default(1),
  MaxAttempts: z.int().min(0).max(99_999_999).default(3),
  BackoffRate: z.number().min(1).default(2),
  MaxDelaySeconds: z.int().min(1).max(31_622_400).optional(),
  JitterStrategy: z.enum(['NONE', 'FULL']).default('NONE'),
});
const CatcherSchema = z.strictObject({
  ErrorEquals,
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

const ReaderSchema = z.strictObject({
  Resource: only('arn:aws:states:::s3:getObject'),
  Parameters: Template,
  ReaderConfig: z.strictObject({ InputType: only('JSON') }),
});

const WriterSchema = z.strictObject({
  Resource: only('arn:aws:states:::s3:putObject'),
  Parameters: Template,
  WriterConfig: z
    .strictObject({
      Transformation: only('NONE').optional(),
      OutputType: only('JSON').optional(),
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
  ItemProcessor: z.unknown(),
  ItemReader: ReaderSchema.optional(),
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

const STATES = [
  TaskSchema,
  MapSchema,
  ChoiceSchema,
  WaitSchema,
  PassSchema,
  SucceedSchema,
  FailSchema,
] as const;

/** One state, by its Type. */
export const StateSchema = z.discriminatedUnion('Type', STATES, {
  error: ({ input }) =>
    `${NOT_RUN} states of this Type${typeOf(input)}, only ${STATES.map(({ shape }) => shape.Type.value).join(', ')}`,
});
export type StateDefinition = z.infer<typeof StateSchema>;
export type StateOfType<Type extends StateDefinition['Type']> = Extract<
  StateDefinition,
  { Type: Type }
>;

function typeOf(state: unknown): string {
  const named = z.object({ Type: z.string() }).safeParse(state);
  return named.success ? ` (${named.data.Type})` : '';
}

const flow = {
  ...described,
  StartAt: z.string(),
  States: z.record(z.string().min(1).max(80), z.unknown()),
};

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
