// Lint rules that find faults. What prettier, tsc and dependency-cruiser already say is not repeated here.
import js from '@eslint/js';
import stylistic from '@stylistic/eslint-plugin';
import vitest from '@vitest/eslint-plugin';
import simpleImportSort from 'eslint-plugin-simple-import-sort';
import tseslint from 'typescript-eslint';

const PRODUCTION = [
  'src/**/*.ts',
  'workflows/**/*.ts',
  'activities/**/*.ts',
  'migrations/**/*.ts',
  'simulator/**/*.ts',
];
const ENVIRONMENT_READERS = ['src/config.ts', 'simulator/main.ts'];
/** A table is read by its rows, so it may be as long as it has to be. */
const DATA_TABLES = ['src/domain/ecs/activity-type-table.ts'];
const ENVIRONMENT_MESSAGE = 'The environment is read once, in src/config.ts; take the slice you need as an argument.';

export default tseslint.config(
  { ignores: ['web/src/api/schema.d.ts', 'dist/', 'coverage/', '.data/', '.cache/', 'node_modules/'] },
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [js.configs.recommended, tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    plugins: { 'simple-import-sort': simpleImportSort, stylistic },
    rules: {
      // The formatter leaves comments as they are; code it breaks by itself.
      'stylistic/max-len': ['error', { code: 1000, comments: 120, ignoreUrls: true }],
      'no-restricted-syntax': [
        'error',
        {
          selector: 'ObjectExpression > SpreadElement > ObjectExpression',
          message: 'Write the properties themselves; the formatter gives each a line.',
        },
        {
          selector: 'ArrayExpression > SpreadElement > ArrayExpression',
          message: 'Write the elements themselves; the formatter gives each a line.',
        },
      ],
      // One block: node's own, packages, then ours from the farthest to the nearest.
      'simple-import-sort/imports': ['error', { groups: [['^\\u0000', '^node:', '^@?\\w', '^\\.']] }],
      'simple-import-sort/exports': 'error',
      'no-duplicate-imports': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/prefer-promise-reject-errors': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      // A `default` is an explicit decision about the rest; a union without one must name every member.
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      // `async` without `await` is how a function whose caller expects a promise turns what it throws into a rejection.
      '@typescript-eslint/require-await': 'off',
      // Numbers from a wire protocol (PostgreSQL's type ids) are compared with enums that type packages declare.
      '@typescript-eslint/no-unsafe-enum-comparison': 'off',
      // tsc reports these (noUnusedLocals, noUnusedParameters).
      '@typescript-eslint/no-unused-vars': 'off',
    },
  },
  {
    files: PRODUCTION,
    ignores: ENVIRONMENT_READERS,
    rules: {
      'no-restricted-properties': ['error', { object: 'process', property: 'env', message: ENVIRONMENT_MESSAGE }],
      'no-restricted-imports': [
        'error',
        {
          paths: ['node:process', 'process'].map((name) => ({
            name,
            importNames: ['env'],
            message: ENVIRONMENT_MESSAGE,
          })),
        },
      ],
    },
  },
  {
    files: ['src/**/*.ts', 'workflows/**/*.ts', 'activities/**/*.ts', 'simulator/**/*.ts', 'web/**/*.{ts,tsx}'],
    ignores: DATA_TABLES,
    rules: { 'max-lines': ['error', { max: 300, skipBlankLines: false, skipComments: false }] },
  },
  {
    files: ['src/api/**/*.ts'],
    ignores: ['src/api/http/schemas.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: ENVIRONMENT_MESSAGE },
        ...['uuid', 'guid', 'uuidv4', 'uuidv7'].map((property) => ({
          object: 'z',
          property,
          message: 'An id is `id` of src/api/http/schemas.ts, which reads upper case as the same id.',
        })),
      ],
    },
  },
  {
    // Tests read JSON, rows and replies whose shape the assertion itself checks.
    files: ['test/**/*.ts', 'bench/**/*.ts'],
    plugins: { vitest },
    rules: {
      'vitest/consistent-test-it': ['error', { fn: 'test', withinDescribe: 'test' }],
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      'no-restricted-properties': [
        'error',
        { object: 'vi', property: 'mock', message: 'Pass a fake through the factory instead of replacing a module.' },
      ],
    },
  },
);
