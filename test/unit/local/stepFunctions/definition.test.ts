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
const retry = (entry: object) => machine({ ...invoke, Parameters: parameters, Retry: [entry] });

describe('a definition is refused with what it holds', () => {
  it.each<[string, unknown, RegExp]>([
    [
      'a field of a state',
      machine({ Type: 'Pass', Assign: {} }),
      /Task, S: .*does not know Assign/,
    ],
    ['a field of the machine', machine({ Type: 'Pass' }, { Extra: 1 }), /does not know Extra/],
    ['JSONata', machine({ Type: 'Pass' }, { QueryLanguage: 'JSONata' }), /QueryLanguage/],
    ['a type of state', machine({ Type: 'Loop' }), /Task, S: .*Type/],
    [
      'a service integration',
      machine({ Type: 'Task', Resource: 'arn:aws:states:::sqs:sendMessage' }),
      /sqs:sendMessage is not known/,
    ],
    [
      'a task token',
      machine({ ...invoke, Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken' }),
      /waitForTaskToken is not known/,
    ],
    [
      'a parameter of the integration',
      machine({ ...invoke, Parameters: { ...parameters, Qualifier: '1' } }),
      /does not know Qualifier/,
    ],
    [
      'an asynchronous invocation',
      machine({ ...invoke, Parameters: { ...parameters, InvocationType: 'Event' } }),
      /only the InvocationType RequestResponse/,
    ],
    ['no function', machine({ ...invoke, Parameters: {} }), /must name a FunctionName/],
    ['a heartbeat', machine({ ...invoke, HeartbeatSeconds: 3 }), /does not know HeartbeatSeconds/],
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
    ['a map of nothing', machine({ Type: 'Map' }), /needs an ItemProcessor/],
    ['a label with a space', map({ Label: 'a b' }), /Label/],
    ['a listing as items', map({ ItemReader: reader({}, 's3:listObjectsV2') }), /Resource/],
    [
      'a format of items',
      map({ ItemReader: reader({ ReaderConfig: { InputType: 'PARQUET' } }) }),
      /InputType/,
    ],
    [
      'CSV without a place of its headers',
      map({ ItemReader: reader({ ReaderConfig: { InputType: 'CSV' } }) }),
      /CSVHeaderLocation/,
    ],
    ['a batch without limits', map({ ItemBatcher: {} }), /needs MaxItemsPerBatch/],
    ['a writer of nothing', map({ ResultWriter: {} }), /needs Resource and Parameters/],
    [
      'a map in a child',
      map({
        ItemProcessor: {
          ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
          ...map({}),
        },
      }),
      /within another/,
    ],
    ['a path that is none', machine({ Type: 'Pass', InputPath: 'a' }), /the path a is not one/],
    ['a computed ResultPath', machine({ Type: 'Pass', ResultPath: '$.a[*]' }), /reference path/],
  ])('%s', (_, definition, fault) => {
    const load = () => compileDefinition('Task', definition);
    expect(load).toThrow(DefinitionFault);
    expect(load).toThrow(fault);
    expect(load).toThrow(/^The workflow Task/);
  });
});

it('takes the old names of ItemProcessor and ItemSelector', () => {
  const { flow } = compileDefinition(
    'Task',
    machine({ Type: 'Map', Iterator: child, Parameters: { 'x.$': '$$.Map.Item.Value' } }),
  );
  expect(flow.states.get('S')).toMatchObject({ kind: 'InlineMap', parameters: undefined });
});

it('gives a map without a Label one of its own', () => {
  const state = compileDefinition('Task', map({})).flow.states.get('S');
  expect(state?.kind === 'DistributedMap' && state.label).toMatch(/^[0-9a-f-]{36}$/);
});
