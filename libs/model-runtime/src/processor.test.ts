import { join } from 'node:path';
import { encodePairs, type CausalYesNoManifest } from '@rerank-fleet/scoring';
import { fixtureModels, openFixtureEncoder, readCases, readFixtureManifest } from '@rerank-fleet/scoring/testing';
import { openSession } from './index';
import {
  needsX64QuantPrecision,
  parseProcessor,
  processorIdentity,
  readProcessor,
  readProcessorIdentity,
  type Processor,
} from './processor';

const avx2 = 'fpu sse4_2 fma avx f16c avx2 bmi2';
const avx512 = `${avx2} avx512f avx512dq avx512cd avx512bw avx512vl`;

/** Processors by their flags in /proc/cpuinfo, and whether they add pairs of products in 16 bits. */
const processors: [name: string, flags: string, addsInt8PairsIn16Bits: boolean][] = [
  ['AVX2 only (Zen 3, Haswell)', avx2, true],
  ['AVX-512 without VNNI (Skylake-SP)', avx512, true],
  ['AVX-512 with the VNNI of Knights Mill, which is another', `${avx512} avx512_4vnniw avx512_4fmaps`, true],
  ['AVX-512 VNNI (Ice Lake, Zen 4)', `${avx512} avx512_vbmi avx512_vnni avx512_bitalg`, false],
  ['AVX-VNNI (Alder Lake)', `${avx2} avx_vnni vaes`, false],
  ['both kinds of VNNI (Zen 5)', `${avx512} avx_vnni avx512_vnni`, false],
  ['AVX-VNNI beside AVX-512, whose own VNNI is hidden', `${avx512} avx_vnni`, true],
  ['AMX (Sapphire Rapids)', `${avx512} avx_vnni avx512_bf16 avx512_vnni amx_bf16 amx_tile amx_int8`, false],
  ['AMX whose VNNI is hidden', `${avx512} amx_tile amx_int8`, false],
  ['AMX without its part for int8', `${avx512} amx_bf16 amx_tile`, true],
  ['no AVX2', 'fpu sse4_2', true],
];

const cpuinfo = (flags: string) =>
  `processor\t: 0\nmodel name\t: of a test\nflags\t\t: ${flags}\nvmx flags\t: vnmi avx512_vnni\n\nprocessor\t: 1\n`;

describe('sums of 8-bit products', () => {
  it.each(processors)('%s', (_name, flags, addsInt8PairsIn16Bits) => {
    expect(parseProcessor('x64', cpuinfo(flags))).toEqual({ addsInt8PairsIn16Bits });
  });

  it.each(['', 'flags', 'flags\t\t:', 'model name\t: avx512_vnni avx_vnni amx_tile amx_int8\n'])(
    'count as those of 16 bits on x86-64 whose flags cannot be read: %j',
    (text) => expect(parseProcessor('x64', text)).toEqual({ addsInt8PairsIn16Bits: true }),
  );

  it.each(['', 'processor\t: 0\nFeatures\t: fp asimd asimddp i8mm sve\n'])(
    'have nothing to set on ARM, where onnxruntime lacks the option: %j',
    (text) => expect(parseProcessor('arm64', text)).toEqual({ addsInt8PairsIn16Bits: false }),
  );
});

describe('the session option', () => {
  const manifests: [words: string, manifest: { exactInt8Sums?: boolean }, mayOverflow: boolean][] = [
    ['says nothing', {}, false],
    ['says that they do not overflow', { exactInt8Sums: false }, false],
    ['says that they may overflow', { exactInt8Sums: true }, true],
  ];
  const matrix = manifests.flatMap(([words, manifest, mayOverflow]) =>
    processors.map(([name, flags, is16Bits]) => [words, name, manifest, flags, mayOverflow && is16Bits] as const),
  );
  it.each(matrix)('for weights of which the manifest %s, with %s', (...[, , manifest, flags, isSet]) => {
    expect(needsX64QuantPrecision(manifest, parseProcessor('x64', cpuinfo(flags)))).toBe(isSet);
  });
});

/**
 * Logits of exports/tiny-qwen3-int8.onnx, whose weights use all 8 bits, by `onnx.reference` 1.23.2 (numpy, sums in 32
 * bits). Query and document were given to it in two calls as to a session.
 */
const exactLogits: Record<string, number> = {
  'en-capital': 2.0330652,
  'en-gravity': 0.4156821,
  'en-capital-wrong': -1.2783017,
  'en-gravity-wrong': 1.3513958,
  'en-boil': 1.6142082,
  'en-boil-near': -0.3648522,
  'en-refund': -1.8247366,
  'en-refund-wrong': 0.5310328,
};

/** The largest difference from the exact logits that sessions on a processor have. */
async function largestError(processor: Processor): Promise<number> {
  const manifest = readFixtureManifest('tiny-qwen3', 'kv') as CausalYesNoManifest;
  const { files } = manifest;
  const int8: CausalYesNoManifest = {
    ...manifest,
    files: { ...files, model: { ...files.model, path: 'tiny-qwen3-int8.onnx' } },
    maxRows: 1,
    exactInt8Sums: true,
  };
  const encoder = openFixtureEncoder('tiny-qwen3', 'kv', manifest.maxLengthTokens);
  const bundle = { dir: join(fixtureModels, '../exports'), manifest: int8 };
  const session = await openSession(bundle, { provider: 'cpu', threads: 1, processor });
  let error = 0;
  for (const { name, query, document, instruction } of readCases('tiny-qwen3').slice(0, 8)) {
    const encoded = encodePairs(encoder, {
      query,
      documents: [document],
      ...(instruction !== undefined && { instruction }),
    });
    const [row] = encoded.ok ? encoded.documents : [];
    if (!encoded.ok || row === undefined) throw new Error('not encoded');
    const [logit = NaN] = await session.score([{ query: await session.prepare(encoded.query), document: row }]);
    error = Math.max(error, Math.abs(logit - (exactLogits[name] ?? NaN)));
  }
  await session.close();
  return error;
}

describe('full-range 8-bit weights', () => {
  it('are summed exactly on this processor', async () => {
    expect(await largestError(await readProcessor())).toBeLessThan(1e-4);
  });

  it('are summed exactly by themselves only where the flags say so', async () => {
    const isExact = (await largestError({ addsInt8PairsIn16Bits: false })) < 1e-4;
    expect(isExact).toBe(!(await readProcessor()).addsInt8PairsIn16Bits);
  });
});

describe('the identity of a processor', () => {
  const core = (model: string, flags: string, rest = '') =>
    `vendor_id\t: AuthenticAMD\nmodel\t\t: ${model}\nflags\t\t: ${flags}\n${rest}\n`;
  const two = core('1', avx2) + core('1', avx2);

  it.each([
    ['another model', 'x64', core('2', avx2)],
    ['other features', 'x64', core('1', avx512)],
    ['another kind of core beside it', 'x64', two + core('2', avx2)],
    ['another architecture', 'arm64', two],
    ['ARM', 'arm64', 'Features\t: asimd\nCPU part\t: 0xd0c\n'],
  ])('is another one for %s', (_what, architecture, text) => {
    const identity = processorIdentity(architecture, text);
    expect(identity).toBeDefined();
    expect(identity).not.toBe(processorIdentity('x64', two));
  });

  it('does not depend on the number of cores or their frequency', () => {
    const now = core('1', avx2, 'cpu MHz\t\t: 3000.1\nbogomips\t: 4890.8\n');
    expect(processorIdentity('x64', now)).toBe(processorIdentity('x64', two));
  });

  it('is unknown where nothing can be read, but not on Linux', async () => {
    expect(processorIdentity('x64', 'processor\t: 0\n')).toBeUndefined();
    expect((await readProcessorIdentity()) !== undefined).toBe(process.platform === 'linux');
  });
});
