import prettier from 'eslint-config-prettier';
import tseslint from 'typescript-eslint';
import { commentsAreSentences } from './scripts/lint/comments-are-sentences.mjs';

const environment = {
  object: 'process',
  property: 'env',
  message: 'Only config.ts reads the environment.',
};

export default tseslint.config(
  {
    ignores: [
      '**/dist/**',
      '**/node_modules/**',
      '**/.cache/**',
      '.data/**',
      'server/definitions/**',
    ],
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      'max-lines': ['error', { max: 300 }],
      complexity: ['error', 16],
      'max-params': ['error', 4],
      'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true } }],
    },
  },
  {
    files: [
      '*/src/**/*.ts',
      'deploy/compose/*.ts',
      'server/scripts/**/*.ts',
      'conformance/suites/**/*.ts',
      'scripts/**/*.mjs',
    ],
    plugins: { house: { rules: { 'comments-are-sentences': commentsAreSentences } } },
    rules: { 'house/comments-are-sentences': 'error' },
  },
  {
    files: ['{server,chaincode,evidence,fhirpath}/src/**/*.ts'],
    ignores: ['server/src/config.ts', 'chaincode/src/main.ts', 'evidence/src/cli.ts'],
    rules: { 'no-restricted-properties': ['error', environment] },
  },
  {
    // The peers of several organisations must compute the same bytes.
    files: ['chaincode/src/**/*.ts'],
    ignores: ['chaincode/src/main.ts', 'chaincode/src/memory-stub.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        environment,
        { object: 'Date', property: 'now', message: 'Use the timestamp of the transaction.' },
        { object: 'Math', property: 'random', message: 'Chaincode is deterministic.' },
      ],
      'no-restricted-syntax': [
        'error',
        {
          selector: 'NewExpression[callee.name="Date"][arguments.length=0]',
          message: 'Use the timestamp of the transaction.',
        },
      ],
    },
  },
  {
    files: ['**/test/**/*.ts', 'conformance/acceptance/**/*.ts'],
    rules: {
      'max-lines': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
  prettier,
);
