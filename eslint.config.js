import js from '@eslint/js';
import tseslint from 'typescript-eslint';

/** Focused and skipped tests slip past review; a test that cannot run here uses skipIf, aloud. */
const focusedTests = [
  {
    selector:
      'MemberExpression[object.name=/^(describe|it|test)$/][property.name=/^(only|skip|todo)$/]',
    message: 'No focused or skipped tests: use it.skipIf(condition) and say why.',
  },
];

/** `JSON.parse(…) as T` trusts what comes from outside: parse it with a schema. */
const castedJson = [
  {
    selector:
      "TSAsExpression > CallExpression.expression[callee.object.name='JSON'][callee.property.name='parse']",
    message: 'Parse JSON with a zod schema instead of casting it.',
  },
];

/** `name in NAMES` holds for `toString`, too, and what it gives then is no value of the table. */
const inherited = [
  {
    selector:
      "BinaryExpression[operator='in'][left.type!='Literal'][left.type!='PrivateIdentifier']",
    message: 'What comes from outside may be named like anything: use Object.hasOwn.',
  },
];

/** Nothing of a user's data becomes HTML: text is given to Preact, which writes it as text. */
const html = ['innerHTML', 'outerHTML', 'insertAdjacentHTML', 'dangerouslySetInnerHTML'].map(
  (name) => ({
    selector: `:matches(MemberExpression[property.name='${name}'], JSXAttribute[name.name='${name}'])`,
    message: 'Text never becomes HTML here.',
  }),
);

export default tseslint.config(
  {
    ignores: [
      'node_modules',
      'cdk.out',
      'build',
      'coverage',
      'out',
      '.sheaf',
      '**/*.cjs',
      'eslint.config.js',
    ],
  },
  js.configs.recommended,
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      'no-restricted-syntax': ['error', ...focusedTests, ...castedJson],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      eqeqeq: 'error',
    },
  },
  {
    files: ['shared/**', 'functions/**', 'web/**'],
    rules: { 'no-console': 'error' },
  },
  {
    files: ['web/**'],
    rules: {
      'no-restricted-syntax': ['error', ...focusedTests, ...castedJson, ...inherited, ...html],
    },
  },
  {
    files: ['web/**'],
    ignores: ['web/app/stored.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        ...['localStorage', 'sessionStorage', 'indexedDB'].map((name) => ({
          name,
          message: 'web/app/stored.ts alone keeps something, and says for how long.',
        })),
      ],
    },
  },
  {
    files: ['shared/**'],
    rules: {
      'no-restricted-globals': [
        'error',
        { name: 'process', message: 'shared/ reads no environment: pass values in.' },
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: 'Time comes in through the Clock port.' },
        { object: 'Math', property: 'random', message: 'Ids come in through the Ids port.' },
      ],
    },
  },
);
