import { describe, expect, it } from 'vitest';
import { DefinitionFault } from '../../../../local/stepFunctions/failures.ts';
import { compileDefinition } from '../../../../local/stepFunctions/language/definition.ts';

const machine = (state: object, extra: object = {}) => ({
  StartAt: 'S',
  States: { S: { End: true, ...state }, T: { Type: 'Succeed' } },
  ...extra,
});
const invoke = { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke' };
const parameters = { FunctionName: 'f' };
const child = { StartAt: 'W', States: { W: { Type: 'Pass', End: true } } };
const map = (extra: object, config: object = { Mode: 'DISTRIBUTED', ExecutionType: 'EXPRESS' }) =>
  machine({ Type: 'Map', ItemProcessor: { ProcessorConfig: config, ...child }, ...extra });
const reader = (extra: object, resource = 's3:getObject') => ({
  Resource: `arn:aws:states:::${resource}`,
  Parameters: { Bucket: 'b', Key: 'k' },
  ReaderConfig: { InputType: 'JSON' },
  ...extra,
});
const writer = (WriterConfig: object) => ({
  Resource: 'arn:aws:states:::s3:putObject',
  Parameters: { Bucket: 'b', Prefix: 'p' },
  WriterConfig,
});
const retry = (entry: object) => machine({ ...invoke, Parameters: parameters, Retry: [entry] });

describe('a definition is refused with what it holds', () => {
  it.each<[string, unknown, RegExp]>([
    ['a field of a state', machine({ Type: 'Pass', Assign: {} }), /Task, S: .*does not run Assign/],
    ['a field of the machine', machine({ Type: 'Pass' }, { Extra: 1 }), /does not run Extra/],
    [
      'JSONata',
      machine({ Type: 'Pass' }, { QueryLanguage: 'JSONata' }),
      /QueryLanguage: .*does not run "JSONata"/,
    ],
    [
      'a type of state',
      machine({ Type: 'Parallel', Branches: [child] }),
      /Task, S: Type: .*does not run states of this Type \(Parallel\), only Task, Map, Choice/,
    ],
    ['no type of state', machine({}), /Task, S: Type: .*does not run/],
    [
      'a service integration',
      machine({ Type: 'Task', Resource: 'arn:aws:states:::sqs:sendMessage' }),
      /does not run the Resource arn:aws:states:::sqs:sendMessage/,
    ],
    [
      'a job that is waited for',
      machine({ ...invoke, Resource: 'arn:aws:states:::lambda:invoke.sync' }),
      /does not run the Resource .*sync/,
    ],
    [
      'heartbeats',
      machine({
        ...invoke,
        Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
        HeartbeatSeconds: 5,
      }),
      /does not run HeartbeatSeconds/,
    ],
    [
      'a function by its ARN',
      machine({ Type: 'Task', Resource: 'arn:aws:lambda:us-east-1:111122223333:function:f' }),
      /does not run the Resource arn:aws:lambda/,
    ],
    [
      'a parameter of the integration',
      machine({ ...invoke, Parameters: { ...parameters, Qualifier: '1' } }),
      /does not run Qualifier/,
    ],
    [
      'an asynchronous invocation',
      machine({ ...invoke, Parameters: { ...parameters, InvocationType: 'Event' } }),
      /does not run another InvocationType/,
    ],
    ['no function', machine({ ...invoke, Parameters: {} }), /must name a FunctionName/],
    ['a heartbeat', machine({ ...invoke, HeartbeatSeconds: 3 }), /does not run HeartbeatSeconds/],
    ['a missing next state', machine({ Type: 'Pass', End: undefined, Next: 'U' }), /no state U/],
    ['a missing first state', { ...machine({ Type: 'Pass' }), StartAt: 'U' }, /no state U/],
    ['both Next and End', machine({ Type: 'Pass', Next: 'T' }), /either a Next or End/],
    ['neither Next nor End', machine({ Type: 'Pass', End: undefined }), /either a Next or End/],
    ['States.ALL among others', retry({ ErrorEquals: ['States.ALL', 'A'] }), /stand alone/],
    [
      'States.ALL before others',
      machine({
        ...invoke,
        Parameters: parameters,
        Catch: [
          { ErrorEquals: ['States.ALL'], Next: 'T' },
          { ErrorEquals: ['A'], Next: 'T' },
        ],
      }),
      /in the last entry/,
    ],
    ['a shrinking backoff', retry({ ErrorEquals: ['A'], BackoffRate: 0.5 }), /BackoffRate/],
    ['an unknown jitter', retry({ ErrorEquals: ['A'], JitterStrategy: 'HALF' }), /JitterStrategy/],
    ['a wait of nothing', machine({ Type: 'Wait' }), /one of Seconds/],
    ['a number and its path', machine({ Type: 'Wait', Seconds: 1, SecondsPath: '$.s' }), /one of/],
    [
      'a limit and its path',
      map({ MaxConcurrency: 1, MaxConcurrencyPath: '$.n' }),
      /MaxConcurrency and MaxConcurrencyPath cannot both/,
    ],
    ['an inline map with a reader', map({ ItemReader: reader({}) }, {}), /mode DISTRIBUTED/],
    ['a distributed map of no type', map({}, { Mode: 'DISTRIBUTED' }), /needs an ExecutionType/],
    ['a map of nothing', machine({ Type: 'Map' }), /S: ItemProcessor: /],
    ['an old name', machine({ Type: 'Map', Iterator: child }), /does not run Iterator/],
    ['a label with a space', map({ Label: 'a b' }), /Label/],
    ['a listing as items', map({ ItemReader: reader({}, 's3:listObjectsV2') }), /listObjectsV2/],
    [
      'a format of items',
      map({ ItemReader: reader({ ReaderConfig: { InputType: 'CSV' } }) }),
      /ItemReader.ReaderConfig.InputType: .*does not run "CSV", only JSON/,
    ],
    ['batches of items', map({ ItemBatcher: { MaxItemsPerBatch: 2 } }), /does not run ItemBatcher/],
    [
      'a pointer to items',
      map({ ItemReader: reader({ ReaderConfig: { InputType: 'JSON', ItemsPointer: '/a' } }) }),
      /ItemReader.ReaderConfig: .*does not run ItemsPointer/,
    ],
    ['a writer of nothing', map({ ResultWriter: {} }), /ResultWriter.Resource/],
    [
      'results in another shape',
      map({ ResultWriter: writer({ Transformation: 'FLATTEN' }) }),
      /Transformation: .*does not run "FLATTEN", only NONE/,
    ],
    [
      'a map in a child',
      map({
        ItemProcessor: {
          ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
          ...map({}),
        },
      }),
      /does not run a DISTRIBUTED map within another/,
    ],
    ['a path that is none', machine({ Type: 'Pass', InputPath: 'a' }), /does not read the path a,/],
    [
      'a computed ResultPath',
      machine({ Type: 'Pass', ResultPath: '$.a[*]' }),
      /does not read the path \$\.a\[\*\]/,
    ],
  ])('%s', (_, definition, fault) => {
    const load = () => compileDefinition('Task', definition);
    expect(load).toThrow(DefinitionFault);
    expect(load).toThrow(fault);
    expect(load).toThrow(/^The workflow Task/);
  });
});

it('gives a map without a Label one of its own', () => {
  const state = compileDefinition('Task', map({})).flow.states.get('S');
  expect(state?.kind === 'DistributedMap' && state.label).toMatch(/^[0-9a-f-]{36}$/);
});
