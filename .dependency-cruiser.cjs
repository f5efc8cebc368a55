/**
 * The layer rule: dependencies point inward (docs/architecture.md).
 *   cli, web → client → shared; local, functions, infra → shared; never back, never sideways.
 * The named exceptions are the whole list.
 */
const BUILT_IN = `^(node:.+|${require('node:module').builtinModules.join('|')})$`;
const only = (from, allowed, comment, but = []) => ({
  name: `${from}-imports`,
  severity: 'error',
  comment,
  from: { path: `^${from}/`, pathNot: but },
  to: {
    path: '^(infra|functions|shared|local|client|cli|web|bench|test)/',
    pathNot: `^(${allowed.join('|')})/`,
  },
});

/** A folder of shared/ and those that it may build on: written down, no two can come to need each other. */
const within = (folder, ...allowed) => ({
  name: `shared-${folder}-imports`,
  severity: 'error',
  comment: 'No two folders of shared/ import each other.',
  from: { path: `^shared/${folder}/` },
  to: { path: '^shared/[^/]+/', pathNot: `^shared/(${[folder, ...allowed].join('|')})/` },
});

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-unresolvable',
      severity: 'error',
      comment:
        'aws-lambda is types alone: @types/aws-lambda stands for no package. numfmt names a file for require() that is not in its package; its module is.',
      from: {},
      to: { couldNotResolve: true, pathNot: '^(aws-lambda|numfmt)$' },
    },
    only('shared', ['shared'], 'shared/ is the domain: it knows nobody.'),
    within('zip'),
    within('deletion', 'schemas'),
    within('egress'),
    within('serviceConnections', 'deletion', 'egress', 'schemas'),
    within('schemas'),
    within('columns', 'schemas'),
    within('office', 'zip'),
    within('access', 'schemas'),
    within('formats'),
    within('tags', 'columns', 'formats', 'schemas'),
    within('rendering', 'columns', 'formats', 'office', 'tags', 'zip', 'schemas'),
    within('templates', 'columns', 'deletion', 'rendering', 'schemas'),
    within('archive', 'rendering', 'zip', 'schemas'),
    within('selection', 'columns', 'formats', 'schemas'),
    within(
      'dataSources',
      'columns',
      'deletion',
      'formats',
      'office',
      'schemas',
      'selection',
      'zip',
    ),
    only('functions', ['functions', 'shared'], 'functions/ adapt the domain to AWS.'),
    only('infra', ['infra', 'shared'], 'infra/ names what is deployed.'),
    only(
      'local',
      ['local', 'shared'],
      'local/ runs what infra/ synthesizes, from its files; it imports neither infra/ nor a handler.',
    ),
    only('client', ['client', 'shared'], 'client/ calls the contract of shared/api/.'),
    only(
      'cli',
      ['cli', 'client', 'shared'],
      'cli/ is a client of the HTTPS and WebSocket APIs; but it fetches files of others through the port that judges addresses, and locks what it writes to as the local cloud does.',
      ['^cli/(generate/fetchFiles|files/lock)[.]ts$'],
    ),
    only('web', ['web', 'client', 'shared'], 'web/ does what any client can do, by client/ alone.'),
    {
      name: 'client-runs-in-browsers',
      severity: 'error',
      comment: 'client/, web/ and what they use of shared/ have what Node and browsers share.',
      from: { path: '^(client|web)/' },
      to: { path: BUILT_IN, reachable: true },
    },
    {
      name: 'aws-sdk-only-in-functions',
      severity: 'error',
      comment:
        'The AWS SDK lives in functions/ adapters alone, but for the table of keys, which no API reaches (ADR 79); tests may use it as a client.',
      from: { pathNot: '^(functions|test|node_modules)/|^cli/keys/dynamoKeyTable\\.ts$' },
      to: { path: 'node_modules/(@aws-sdk|@smithy|@aws-lambda-powertools)/' },
    },
    {
      name: 'cdk-only-in-infra',
      severity: 'error',
      from: { pathNot: '^(infra|test/infra|test/support|node_modules)/' },
      to: { path: 'node_modules/(aws-cdk-lib|constructs|cdk-nag)/' },
    },
    {
      name: 'functions-do-not-import-each-other',
      severity: 'error',
      comment:
        'A Lambda folder stands alone; what two share is in functions/runtime or functions/adapters.',
      from: { path: '^functions/(?!runtime|adapters)([^/]+)/' },
      to: { path: '^functions/', pathNot: '^functions/($1|runtime|adapters)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(cdk\\.out|build|out|\\.sheaf|coverage)/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      extensions: ['.ts', '.tsx', '.js', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
