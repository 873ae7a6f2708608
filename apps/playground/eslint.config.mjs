import hooks from 'eslint-plugin-react-hooks';
import root from '../../eslint.config.mjs';

export default [
  ...root,
  { files: ['src/**/*.ts', 'src/**/*.tsx'], ...hooks.configs.flat['recommended-latest'] },
  {
    files: ['src/**/*.ts', 'src/**/*.tsx'],
    ignores: ['**/*.test.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          patterns: [{ group: ['@rerank-fleet/*'], allowTypeImports: true, message: 'The page takes types only.' }],
        },
      ],
    },
  },
];
