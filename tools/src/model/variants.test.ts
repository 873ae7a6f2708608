import { chooseModelFile, chooseWeights, defaultPrecision, variants } from './variants';

/** As the repositories of onnx-community have them, in the hub's order. */
const community = [
  'README.md',
  'config.json',
  ...['', '_bnb4', '_fp16', '_int8', '_q4', '_q4f16', '_quantized', '_uint8'].map((one) => `onnx/model${one}.onnx`),
  'onnx/model.onnx_data',
  'tokenizer.json',
];
/** As those of cross-encoder have them. */
const crossEncoder = [
  ...['', '_O1', '_O2', '_O3', '_O4', '_qint8_avx512_vnni'].map((one) => `onnx/model${one}.onnx`),
  'openvino/openvino_model.bin',
  'pytorch_model.bin',
];
const without = (paths: string[], ...names: string[]) =>
  paths.filter((path) => !names.some((name) => path.endsWith(`/${name}`)));

describe('the ONNX file that is taken', () => {
  it.each([
    ['the quantized one, which is the fastest on a CPU', [community, undefined], 'onnx/model_quantized.onnx'],
    ['the int8 one', [community, 'int8'], 'onnx/model_quantized.onnx'],
    ['another 8-bit one', [without(community, 'model_quantized.onnx'), 'int8'], 'onnx/model_int8.onnx'],
    ['the fp32 one', [community, 'fp32'], 'onnx/model.onnx'],
    ['the fp16 one', [community, 'fp16'], 'onnx/model_fp16.onnx'],
    ['the q4 one', [community, 'q4'], 'onnx/model_q4.onnx'],
    ['a q4 one with halves', [without(community, 'model_q4.onnx', 'model_bnb4.onnx'), 'q4'], 'onnx/model_q4f16.onnx'],
    ['a bnb4 one', [without(community, 'model_q4.onnx', 'model_q4f16.onnx'), 'q4'], 'onnx/model_bnb4.onnx'],
    ['the qint8 one', [crossEncoder, undefined], 'onnx/model_qint8_avx512_vnni.onnx'],
    ['the plain one of several levels', [crossEncoder, 'fp32'], 'onnx/model.onnx'],
    ['O3, which is fp32', [['onnx/model_O4.onnx', 'onnx/model_O3.onnx'], 'fp32'], 'onnx/model_O3.onnx'],
    ['O4, which is fp16', [crossEncoder, 'fp16'], 'onnx/model_O4.onnx'],
    ['O4 where there is nothing else', [['onnx/model_O4.onnx'], undefined], 'onnx/model_O4.onnx'],
    ['the one at the root', [['onnx/model.onnx', 'model.onnx'], undefined], 'model.onnx'],
    ['fp32 before fp16', [['model_fp16.onnx', 'onnx/model.onnx'], undefined], 'onnx/model.onnx'],
    ['fp16 before q4', [['model_q4.onnx', 'model_fp16.onnx'], undefined], 'model_fp16.onnx'],
    ['one of another name', [['reranker.onnx'], undefined], 'reranker.onnx'],
    ['uint8 where there is no other', [['model_quint8_avx2.onnx'], undefined], 'model_quint8_avx2.onnx'],
  ] as const)('is %s', (_what, [paths, wanted], path) => {
    expect(chooseModelFile(paths, wanted)).toEqual({ ok: true, path });
  });

  it.each([[[]], [['README.md', 'model.safetensors', 'onnx/model.onnx_data', 'model.onnx.json']]])(
    'is none among %j, and the message says so',
    (paths) => {
      const message = 'it contains no ONNX file: use a repository with an export, or export the model';
      expect(chooseModelFile(paths)).toEqual({ ok: false, message });
    },
  );

  it('is none where the wanted variant is missing, and the message lists the files', () => {
    expect(chooseModelFile(['onnx/model.onnx', 'a.txt', 'model_fp16.onnx'], 'q4')).toEqual({
      ok: false,
      message: 'it has no q4 file; there is: model_fp16.onnx, onnx/model.onnx',
    });
  });

  it('is found whatever its name, when no variant is wanted', () => {
    const names = [...community, ...crossEncoder, 'model_fp16_q4.onnx', 'model_q4_fp16.onnx'].filter((path) =>
      path.endsWith('.onnx'),
    );
    for (const path of names) expect(chooseModelFile([path])).toEqual({ ok: true, path });
    for (const path of names) {
      expect(variants.filter((one) => chooseModelFile([path], one).ok)).toHaveLength(1);
    }
  });
});

it.each([
  ['x64', 'model_qint8_avx512_vnni.onnx'],
  ['arm64', 'model_qint8_arm64.onnx'],
])('takes a graph for the processor there is, on %s', (architecture, file) => {
  const paths = ['onnx/model_qint8_arm64.onnx', 'onnx/model_qint8_avx512_vnni.onnx', 'onnx/model.onnx'];
  expect(chooseModelFile(paths, 'int8', architecture)).toEqual({ ok: true, path: `onnx/${file}` });
});

describe('the weights that are taken', () => {
  const [onnx, single, index] = ['onnx/model.onnx', 'model.safetensors', 'model.safetensors.index.json'];
  const both = [onnx, single];
  const [known, unknown] = [{ isKnown: true }, { isKnown: false }];
  it.each([
    ["the owner's safetensors where the architecture is known", [both, known], 'safetensors', single],
    ['the export where it is not', [both, unknown], 'onnx', onnx],
    ['the safetensors where they are wanted', [both, { ...unknown, from: 'safetensors' }], 'safetensors', single],
    ['the export where it is wanted', [both, { ...known, from: 'onnx' }], 'onnx', onnx],
    ['the safetensors where there is no export', [[single], unknown], 'safetensors', single],
    ['the export where there are no safetensors', [[onnx], known], 'onnx', onnx],
    ['the index of shards', [['model-1.safetensors', index, onnx], known], 'safetensors', index],
    ['one file before an index', [[index, single], known], 'safetensors', single],
    ['the export before shards without an index', [['model-1.safetensors', onnx], known], 'onnx', onnx],
  ] as const)('are %s', (_what, [paths, options], ...[kind, path]) => {
    expect(chooseWeights(paths, options)).toEqual({ ok: true, kind, path });
  });

  it.each([
    ['an export that is missing', [[single], { from: 'onnx' }], /^it contains no ONNX file/],
    ['safetensors that are missing', [[onnx], { from: 'safetensors' }], /^it contains neither/],
    ['shards without an index', [['model-00001-of-00002.safetensors'], {}], /^it contains neither/],
    ['safetensors in a folder', [['onnx/model.safetensors'], {}], /^it contains neither/],
    ['pickles', [['pytorch_model.bin'], {}], /its pickles are not read, because they can run code$/],
  ] as const)('are never %s', (_what, [paths, options], message) => {
    const chosen = chooseWeights(paths, { isKnown: true, ...options });
    expect(chosen).toEqual({ ok: false, message: expect.stringMatching(message) });
  });
});

it.each([
  ['cpu', 1.2e9, 'int8'],
  ['cuda', 1.2e9, 'fp16'],
  ['cpu', 32e6, 'int8'],
  ['cpu', 31.9e6, 'fp32'],
  ['cuda', 1e6, 'fp32'],
] as const)('by default, for %s and %d bytes of weights, the precision is %s', (provider, bytes, precision) => {
  expect(defaultPrecision(provider, bytes)).toMatchObject({ precision });
});
