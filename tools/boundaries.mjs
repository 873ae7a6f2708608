/**
 * The edges of docs/architecture: which project may import which, and which npm packages belong to one project alone.
 * Read by eslint.config.mjs; `tools/src/boundaries/boundaries.test.ts` lints forbidden imports and expects them to fail.
 */
const hubPackages = ['@huggingface/hub', '@huggingface/transformers'];
const owned = [
  ...[
    'bullmq',
    'ioredis',
    'onnxruntime-node',
    'prom-client',
    '@huggingface/tokenizers',
    '@opentelemetry/*',
    'protobufjs',
  ],
  ...hubPackages,
];
const testTools = ['fast-check'];
const testSupport = 'test-support';
const every = ['contract', 'queue', 'batching', 'scoring', 'model-runtime', 'metrics', 'service-shell'];
const scopes = (names) => names.map((name) => `scope:${name}`);

/** Exactly these projects, exactly these packages. */
const only = (name, projects, packages) => ({
  sourceTag: `scope:${name}`,
  onlyDependOnLibsWithTags: scopes([name, testSupport, ...projects]),
  allowedExternalImports: [...packages, ...testTools],
});
/** An app or the tools: these projects, and any package that no other project owns. */
const app = (name, projects, own = []) => ({
  sourceTag: `scope:${name}`,
  onlyDependOnLibsWithTags: scopes([name, testSupport, ...projects]),
  bannedExternalImports: owned.filter((name) => !own.includes(name)),
});

export const depConstraints = [
  only(testSupport, [], []),
  only('contract', [], ['zod']),
  only('batching', [], []),
  only('scoring', ['contract'], ['@huggingface/tokenizers', 'zod']),
  only('model-runtime', ['contract', 'scoring'], ['onnxruntime-node']),
  only('onnx-export', ['contract'], ['protobufjs', 'zod']),
  only('queue', ['contract'], ['bullmq', 'ioredis']),
  only('metrics', ['contract'], ['prom-client']),
  only('service-shell', ['metrics'], ['pino', 'zod', 'express', '@opentelemetry/*']),
  app('gateway', ['contract', 'queue', 'metrics', 'service-shell']),
  app('quality-probe', ['contract', 'metrics', 'service-shell']),
  only(
    'queue-board',
    ['queue', 'metrics', 'service-shell'],
    ['express', '@bull-board/*', 'cookie-session', 'express-rate-limit', 'helmet', 'zod'],
  ),
  app('playground', ['contract']),
  app('worker', every),
  app('tools', [...every, 'onnx-export'], hubPackages),
  app('system-e2e', []),
];
