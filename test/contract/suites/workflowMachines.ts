/** State machines that the workflow suites run. */
import { FUNCTION_ARN } from './workflowHost.ts';
import type { Machines } from './workflowHost.ts';

const invoke = (extra: object = {}, payload: object = { 'Payload.$': '$' }) => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Parameters: { FunctionName: FUNCTION_ARN, ...payload },
  OutputPath: '$.Payload',
  End: true,
  ...extra,
});
const only = (name: string, state: object, extra: object = {}) => ({
  StartAt: name,
  States: { [name]: state, ...extra } as Record<string, object>,
});
const processor = (executionType: string, child: object) => ({
  ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: executionType },
  ...child,
});
const reader = (config: object) => ({
  Resource: 'arn:aws:states:::s3:getObject',
  Parameters: { Bucket: 'suite', 'Key.$': '$.key' },
  ReaderConfig: config,
});
const writer = () => ({
  Resource: 'arn:aws:states:::s3:putObject',
  Parameters: { Bucket: 'suite', 'Prefix.$': '$.prefix' },
});
const map = (extra: object, child: object = only('Work', invoke()), executionType = 'EXPRESS') =>
  only('Each', {
    Type: 'Map',
    Label: 'Each',
    ItemProcessor: processor(executionType, child),
    End: true,
    ...extra,
  });

/** A task that waits for its token. */
const token = (extra: object = {}) =>
  invoke({
    Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
    Parameters: {
      FunctionName: FUNCTION_ARN,
      Payload: { 'token.$': '$$.Task.Token', 'do.$': '$.do', 'value.$': '$.value' },
    },
    OutputPath: '$',
    ...extra,
  });

export const MACHINES: Machines = {
  Token: only('Ask', token()),
  TokenLimited: only('Ask', token({ TimeoutSecondsPath: '$.seconds' })),
  TokenRetried: only(
    'Ask',
    token({
      Retry: [{ ErrorEquals: ['Again'], IntervalSeconds: 1, MaxAttempts: 1 }],
      Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: 'Caught' }],
    }),
    { Caught: { Type: 'Pass', End: true } },
  ),
  TokenMap: map({ ItemsPath: '$.items', MaxConcurrency: 1 }, only('Ask', token()), 'STANDARD'),
  TokenInline: only('Each', {
    Type: 'Map',
    ItemsPath: '$.items',
    ItemProcessor: only('Ask', token()),
    End: true,
  }),
  Invoke: only('Call', invoke()),
  InvokeWhole: only('Call', invoke({ OutputPath: '$' })),
  InvokeMissing: only('Call', invoke({}, { FunctionName: `${FUNCTION_ARN}-not`, Payload: {} })),
  InvokeLimited: only('Call', invoke({ TimeoutSeconds: 1 })),
  InvokeLimitedCaught: only(
    'Call',
    invoke({
      TimeoutSeconds: 1,
      Catch: [{ ErrorEquals: ['States.Timeout'], ResultPath: '$.error', Next: 'Caught' }],
    }),
    { Caught: { Type: 'Pass', End: true } },
  ),
  Catching: only(
    'Call',
    invoke({
      Catch: [
        { ErrorEquals: ['Special'], ResultPath: '$.special', Next: 'Caught' },
        { ErrorEquals: ['States.DataLimitExceeded'], ResultPath: '$.tooLarge', Next: 'Caught' },
        { ErrorEquals: ['States.ALL'], ResultPath: '$.any', Next: 'Caught' },
      ],
    }),
    { Caught: { Type: 'Pass', End: true } },
  ),
  CatchingNothing: only(
    'Call',
    invoke({ Retry: [{ ErrorEquals: [] }], Catch: [{ ErrorEquals: [], Next: 'Caught' }] }),
    { Caught: { Type: 'Pass', End: true } },
  ),
  CatchingAll: only('Call', invoke({ Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Caught' }] }), {
    Caught: { Type: 'Pass', End: true },
  }),
  Retrying: only(
    'Call',
    invoke({
      Retry: [
        { ErrorEquals: ['Never'], MaxAttempts: 0 },
        {
          ErrorEquals: ['Slow'],
          IntervalSeconds: 2,
          BackoffRate: 3,
          MaxAttempts: 4,
          MaxDelaySeconds: 10,
        },
        { ErrorEquals: ['States.TaskFailed'], IntervalSeconds: 1, MaxAttempts: 2 },
      ],
    }),
  ),
  Large: only('Fill', {
    Type: 'Pass',
    Parameters: { 'a.$': '$.a', 'again.$': '$.a' },
    End: true,
  }),
  Waiting: only('Wait', { Type: 'Wait', Seconds: 3600, Next: 'Call' }, { Call: invoke() }),
  Choosing: only(
    'Choose',
    {
      Type: 'Choice',
      Choices: [
        { Variable: '$.n', NumericGreaterThan: 10, Next: 'Big' },
        {
          And: [
            { Variable: '$.s', IsPresent: true },
            { Variable: '$.s', StringMatches: 'a*' },
          ],
          Next: 'Word',
        },
      ],
    },
    {
      Big: { Type: 'Pass', Result: 'big', End: true },
      Word: { Type: 'Fail', Error: 'Worded', CausePath: "States.Format('it was {}', $.s)" },
    },
  ),
  Nothing: only('Give', { Type: 'Pass', Result: null, End: true }),
  FailByPath: only('Fail', { Type: 'Fail', ErrorPath: '$.error', Cause: 'told' }),
  Endless: only(
    'Again',
    {
      Type: 'Choice',
      Choices: [{ Variable: '$.enough', IsPresent: true, Next: 'Done' }],
      Default: 'Again',
    },
    { Done: { Type: 'Succeed' } },
  ),
  Deadline: { TimeoutSeconds: 5, ...only('Call', invoke()) },
  Inline: only('Each', {
    Type: 'Map',
    ItemsPath: '$.items',
    MaxConcurrency: 2,
    ItemSelector: {
      'value.$': '$$.Map.Item.Value',
      'index.$': '$$.Map.Item.Index',
      'all.$': '$.name',
    },
    ItemProcessor: only('Work', invoke()),
    End: true,
  }),
  Steps: only(
    'First',
    invoke(
      { Next: 'Second', End: undefined, OutputPath: '$', ResultPath: '$.first' },
      { Payload: { value: 'first' } },
    ),
    { Second: invoke({}, { 'Payload.$': '$.second' }) },
  ),
  InlineOneByOne: only('Each', {
    Type: 'Map',
    ItemsPath: '$.items',
    MaxConcurrency: 1,
    ItemProcessor: only('Work', invoke()),
    End: true,
  }),
  MapItems: map({ ItemsPath: '$.items' }),
  MapLimited: map({ ItemsPath: '$.items', MaxConcurrencyPath: '$.limit' }),
  MapJson: map({ ItemReader: reader({ InputType: 'JSON' }) }),
  MapSelected: map({
    ItemsPath: '$.items',
    ItemSelector: {
      'index.$': '$$.Map.Item.Index',
      'source.$': '$$.Map.Item.Source',
      'value.$': '$$.Map.Item.Value',
      'name.$': '$.name',
    },
  }),
  MapTolerant: map({
    ItemsPath: '$.items',
    MaxConcurrency: 1,
    ToleratedFailurePercentagePath: '$.percentage',
    ResultWriter: writer(),
    ResultPath: '$.written',
  }),
  MapTolerantCount: {
    StartAt: 'Each',
    States: {
      ...map(
        {
          ItemsPath: '$.items',
          MaxConcurrency: 1,
          ToleratedFailureCountPath: '$.tolerated',
          Catch: [
            {
              ErrorEquals: ['States.ExceedToleratedFailureThreshold'],
              ResultPath: '$.error',
              Next: 'Caught',
            },
          ],
        },
        only('Work', invoke()),
      ).States,
      Caught: { Type: 'Pass', End: true },
    },
  },
  MapCaughtWithin: map(
    { ItemsPath: '$.items', ResultSelector: { 'results.$': '$' } },
    only(
      'Work',
      invoke({
        Retry: [{ ErrorEquals: ['Boom'], IntervalSeconds: 1, MaxAttempts: 1 }],
        Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: 'Note' }],
      }),
      { Note: { Type: 'Pass', Parameters: { 'noted.$': '$.error.Error' }, End: true } },
    ),
  ),
  MapWriterFails: map({
    ItemsPath: '$.items',
    ResultWriter: {
      Resource: 'arn:aws:states:::s3:putObject',
      Parameters: { Bucket: 'no-such-bucket', Prefix: 'p' },
    },
  }),
  MapRetried: map({
    ItemsPath: '$.items',
    Retry: [
      {
        ErrorEquals: ['States.ExceedToleratedFailureThreshold'],
        IntervalSeconds: 1,
        MaxAttempts: 1,
      },
    ],
  }),
  InlineRetried: only('Each', {
    Type: 'Map',
    ItemsPath: '$.items',
    ItemProcessor: only('Work', invoke()),
    Retry: [
      { ErrorEquals: ['First'], IntervalSeconds: 1, MaxAttempts: 1 },
      { ErrorEquals: ['States.ALL'], IntervalSeconds: 1, MaxAttempts: 2 },
    ],
    End: true,
  }),
  MapStandard: map(
    { ItemsPath: '$.items', MaxConcurrency: 2 },
    only(
      'First',
      invoke(
        { Next: 'Second', End: undefined, OutputPath: '$', ResultPath: '$.first' },
        {
          Payload: { value: 'first' },
        },
      ),
      { Second: invoke() },
    ),
    'STANDARD',
  ),
};
