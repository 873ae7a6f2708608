/** Shared by every project's jest.config.cjs: swc for speed (tsc checks the types), libraries resolved to their sources. */
module.exports = {
  testEnvironment: require.resolve('./jest.environment.cjs'),
  testEnvironmentOptions: { customExportConditions: ['@rerank-fleet/source', 'node', 'node-addons'] },
  testMatch: ['<rootDir>/src/**/*.test.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'commonjs' } },
    ],
  },
  testTimeout: 30_000,
};
