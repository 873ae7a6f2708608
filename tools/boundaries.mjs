/**
 * The edges of docs/architecture: which project may import which, and which npm packages belong to one project alone.
 * Read by eslint.config.mjs; `tools/src/boundaries.test.ts` lints forbidden imports and expects them to fail.
 */
const owned = ['bullmq', 'ioredis', 'onnxruntime-node', 'prom-client', '@huggingface/*', '@opentelemetry/*'];
const testTools = ['fast-check', 'supertest'];
const every = ['contract', 'queue', 'batching', 'scoring', 'model-runtime', 'metrics', 'service-shell'];
const scopes = (names) => names.map((name) => `scope:${name}`);

/** A library: exactly these projects, exactly these packages. */
const library = (name, projects, packages) => ({
  sourceTag: `scope:${name}`,
  onlyDependOnLibsWithTags: scopes([name, ...projects]),
  allowedExternalImports: [...packages, ...testTools],
});
/** An app or the tools: these projects, and any package that no library owns. */
const app = (name, projects) => ({
  sourceTag: `scope:${name}`,
  onlyDependOnLibsWithTags: scopes([name, ...projects]),
  bannedExternalImports: owned,
});

export const depConstraints = [
  library('contract', [], ['zod']),
  library('batching', [], []),
  library('scoring', ['contract'], ['@huggingface/tokenizers', 'zod']),
  library('model-runtime', ['contract', 'scoring'], ['onnxruntime-node']),
  library('queue', ['contract'], ['bullmq', 'ioredis']),
  library('metrics', ['contract'], ['prom-client']),
  library('service-shell', ['metrics'], ['pino', 'zod', 'express', '@opentelemetry/*']),
  app('gateway', ['contract', 'queue', 'metrics', 'service-shell']),
  app('worker', every),
  app('tools', every),
  app('system-e2e', ['contract']),
];
