import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(__dirname, '../../..');

interface Import {
  /** Folder of the importing project. */
  from: string;
  /** What it imports. */
  what: string;
  /** Part of the message; undefined where the import is allowed. */
  refusal: string | undefined;
}

const project = 'can only depend on libs tagged with';
const circular = 'Circular dependency between';
const external = 'is not allowed to import';
const relative = 'cannot be imported by a relative or absolute path';

const forbidden: Import[] = [
  { from: 'libs/contract', what: '@rerank-fleet/queue', refusal: circular },
  { from: 'libs/batching', what: '@rerank-fleet/contract', refusal: project },
  { from: 'libs/scoring', what: '@rerank-fleet/model-runtime', refusal: circular },
  { from: 'libs/model-runtime', what: '@rerank-fleet/queue', refusal: project },
  { from: 'libs/queue', what: '@rerank-fleet/metrics', refusal: project },
  { from: 'libs/metrics', what: '@rerank-fleet/service-shell', refusal: circular },
  { from: 'libs/service-shell', what: '@rerank-fleet/queue', refusal: project },
  { from: 'apps/gateway', what: '@rerank-fleet/scoring', refusal: project },
  { from: 'apps/gateway', what: '@rerank-fleet/batching', refusal: project },
  { from: 'apps/system-e2e', what: '@rerank-fleet/queue', refusal: project },
  { from: 'apps/playground', what: '@rerank-fleet/metrics', refusal: project },
  { from: 'libs/contract', what: 'ioredis', refusal: external },
  { from: 'libs/batching', what: 'zod', refusal: external },
  { from: 'libs/scoring', what: 'onnxruntime-node', refusal: external },
  { from: 'libs/queue', what: 'prom-client', refusal: external },
  { from: 'libs/metrics', what: 'express', refusal: external },
  { from: 'apps/gateway', what: 'bullmq', refusal: external },
  { from: 'apps/gateway', what: 'prom-client', refusal: external },
  { from: 'apps/gateway', what: '@huggingface/tokenizers', refusal: external },
  { from: 'apps/gateway', what: '@opentelemetry/api', refusal: external },
  { from: 'apps/worker', what: 'ioredis', refusal: external },
  { from: 'apps/worker', what: 'onnxruntime-node', refusal: external },
  { from: 'apps/worker', what: '@huggingface/transformers', refusal: external },
  { from: 'apps/playground', what: 'ioredis', refusal: external },
  { from: 'apps/playground', what: '@rerank-fleet/contract', refusal: 'The page takes types only' },
  { from: 'tools', what: 'bullmq', refusal: external },
  { from: 'tools', what: '@huggingface/tokenizers', refusal: external },
  { from: 'apps/worker', what: '../../gateway/src/config', refusal: relative },
  { from: 'apps/gateway', what: '../../../libs/queue/src/index', refusal: relative },
  { from: 'tools', what: '../../apps/worker/src/config', refusal: relative },
];

const allowed: Import[] = [
  ['libs/contract', 'zod'],
  ['libs/queue', 'bullmq'],
  ['libs/queue', 'ioredis'],
  ['libs/queue', '@rerank-fleet/contract'],
  ['libs/metrics', 'prom-client'],
  ['libs/model-runtime', 'onnxruntime-node'],
  ['libs/model-runtime', '@rerank-fleet/scoring'],
  ['libs/scoring', '@huggingface/tokenizers'],
  ['libs/service-shell', '@rerank-fleet/metrics'],
  ['libs/service-shell', '@opentelemetry/api'],
  ['apps/gateway', '@rerank-fleet/queue'],
  ['apps/gateway', 'express'],
  ['apps/worker', '@rerank-fleet/batching'],
  ['apps/playground', 'react'],
  ['tools', '@rerank-fleet/metrics'],
  ['tools', '@huggingface/hub'],
  ['tools', '@huggingface/transformers'],
].map(([from = '', what = '']) => ({ from, what, refusal: undefined }));

/** Lints one file per import, and returns the messages of the import rules. */
function lint(imports: Import[]): string[][] {
  const texts = imports.map(({ from, what }) => ({
    file: `${from}/src/imported-for-a-test.ts`,
    text: `import * as imported from '${what}';\nexport default imported;\n`,
  }));
  const script = join(__dirname, 'lint-texts.mjs');
  const printed = execFileSync(process.execPath, [script], {
    cwd: root,
    input: JSON.stringify(texts),
    encoding: 'utf8',
  });
  return JSON.parse(printed.trim().split('\n').at(-1) ?? '') as string[][];
}

describe('module boundaries', () => {
  const every = [...forbidden, ...allowed];
  let messages: string[][];
  beforeAll(() => {
    messages = lint(every);
  }, 120_000);

  it.each(every.map((each, index) => ({ ...each, index, verb: each.refusal ? 'refuse' : 'allow' })))(
    '$verb $what in $from',
    ({ refusal, index }) => {
      if (refusal === undefined) expect(messages[index]).toEqual([]);
      else expect(messages[index]).toContainEqual(expect.stringContaining(refusal));
    },
  );
});
