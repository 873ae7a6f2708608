import { aliases, bundleName, parseWanted } from './aliases';

const qwen3 = aliases['qwen3-reranker-0.6b'];

describe('parseWanted', () => {
  it.each(['qwen3-reranker-0.6b', 'Qwen3-Reranker-0.6B', 'QWEN3-RERANKER-0.6B'])('takes the alias %s', (text) => {
    const wanted = { repo: qwen3?.original, revision: 'main', name: 'qwen3-reranker-0.6b', alias: qwen3 };
    expect(parseWanted(text)).toEqual({ ok: true, wanted });
  });

  it('takes a revision after an alias or a repository', () => {
    expect(parseWanted('BGE-reranker-base@v1')).toMatchObject({
      wanted: { revision: 'v1', name: 'bge-reranker-base' },
    });
    expect(parseWanted('acme/reranker@refs/pr/1')).toMatchObject({
      wanted: { repo: 'acme/reranker', revision: 'refs/pr/1' },
    });
  });

  it('takes any repository as it is written, under a name of its own', () => {
    expect(parseWanted('Acme/My_Reranker-ONNX')).toEqual({
      ok: true,
      wanted: { repo: 'Acme/My_Reranker-ONNX', revision: 'main', name: 'my_reranker', alias: undefined },
    });
  });

  const [own, exported] = ['Qwen/Qwen3-Reranker-0.6B', 'onnx-community/Qwen3-Reranker-0.6B-ONNX'];
  const [unknown, itsExport] = [
    'Alibaba-NLP/gte-multilingual-reranker-base',
    'onnx-community/gte-multilingual-reranker-base',
  ];
  it.each([
    // the owner's weights, where their architecture is known
    ['qwen3-reranker-0.6b', undefined, own],
    ['qwen3-reranker-0.6b', 'safetensors', own],
    ['qwen3-reranker-0.6b', 'onnx', exported],
    [own, undefined, own],
    [own, 'safetensors', own],
    [own, 'onnx', exported],
    [`${own}@main`, 'onnx', own],
    [exported, undefined, exported],
    [exported, 'safetensors', exported],
    // the export of another
    ['gte-multilingual-reranker-base', undefined, itsExport],
    ['gte-multilingual-reranker-base', 'safetensors', unknown],
    [unknown, undefined, itsExport],
    [`${unknown}@main`, undefined, unknown],
    // one repository has both
    ['jina-reranker-v2-base-multilingual', 'onnx', 'jinaai/jina-reranker-v2-base-multilingual'],
    ['qwen3-reranker-8b', undefined, 'Qwen/Qwen3-Reranker-8B'],
    ['qwen3-reranker-8b', 'onnx', 'Qwen/Qwen3-Reranker-8B'],
  ] as const)('takes %s, from %s, from the repository %s', (text, from, repo) => {
    expect(parseWanted(text, from)).toMatchObject({ ok: true, wanted: { repo } });
  });

  it.each([own, exported])('gives %s the name of its alias', (text) => {
    expect(parseWanted(text)).toMatchObject({ wanted: { name: 'qwen3-reranker-0.6b', alias: qwen3 } });
  });

  it.each(['', 'nonsense', 'a/b/c', '/b', 'a/', 'a b/c', 'constructor', '__proto__', '@main', 'https://hub/a/b'])(
    'answers %j with the aliases there are, in one line',
    (text) => {
      const parsed = parseWanted(text);
      expect(parsed).toEqual({ ok: false, message: expect.stringMatching(/^no model .*: name a repository as .+$/) });
      for (const alias of Object.keys(aliases))
        expect(parsed).toMatchObject({ message: expect.stringContaining(alias) });
    },
  );
});

it.each([
  ['onnx-community/Qwen3-Reranker-0.6B-ONNX', 'qwen3-reranker-0.6b'],
  ['acme/reranker.onnx', 'reranker'],
  ['acme/Größe 7', 'gr-e-7'],
  ['acme/._-Model', 'model'],
  ['acme/-ONNX', 'model'],
  ['acme/日本', 'model'],
])('bundleName makes of %s the folder name %s', (repo, name) => {
  expect(bundleName(repo)).toBe(name);
});
