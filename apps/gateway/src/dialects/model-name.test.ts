import { compareNamed, findByName, type Named } from './model-name';

const bundle = (name: string, version = '1', changes: Partial<Named> = {}): Named => ({
  name,
  version,
  aliases: [],
  isDefault: false,
  ...changes,
});

const found = (candidates: readonly Named[], model: string | undefined, aliases = {}): string | undefined => {
  const one = findByName(candidates, model, {
    named: (candidate) => candidate,
    aliases: new Map(Object.entries<string>(aliases)),
  });
  return one && `${one.name}@${one.version}`;
};

/** The answer must not depend on who announced itself first. */
const foundInAnyOrder = (candidates: readonly Named[], model: string | undefined): (string | undefined)[] => [
  ...new Set([found(candidates, model), found([...candidates].reverse(), model)]),
];

describe('two versions of one name', () => {
  const versions = ['2', '10', '9', '1.2'].map((version) =>
    bundle('tiny', version, { aliases: ['org/tiny', 'small'], isDefault: true }),
  );

  test.each([
    ['tiny', 'tiny@10'],
    ['tiny@2', 'tiny@2'],
    ['tiny@1.2', 'tiny@1.2'],
    ['vendor/tiny', 'tiny@10'],
    ['vendor/tiny@9', 'tiny@9'],
    ['a/b/tiny@9', 'tiny@9'],
    ['org/tiny', 'tiny@10'],
    ['small', 'tiny@10'],
    ['vendor/small', 'tiny@10'],
    [undefined, 'tiny@10'],
    ['', 'tiny@10'],
    ['default', 'tiny@10'],
    ['default/not-specified', 'tiny@10'],
    ['openai/default', 'tiny@10'],
    ['litellm_proxy/default', 'tiny@10'],
    ['a/b/default/not-specified', 'tiny@10'],
    ['/', undefined],
    ['mydefault', undefined],
    ['default/other', undefined],
    ['tiny@3', undefined],
    ['vendor/tiny@3', undefined],
    ['tin', undefined],
    ['Tiny', undefined],
  ])('%j means %s', (model, expected) => expect(foundInAnyOrder(versions, model)).toEqual([expected]));

  test('that compare as equal numbers still have an order', () => {
    expect(foundInAnyOrder([bundle('a', '1'), bundle('a', '01')], 'a')).toEqual(['a@1']);
  });
});

describe('an alias of several bundles', () => {
  const shared = { aliases: ['shared', 'org/shared'] };

  test('means the first of them by name, in its newest version', () => {
    const candidates = [bundle('b', '9', shared), bundle('a', '2', shared), bundle('a', '10', shared)];
    expect(foundInAnyOrder(candidates, 'shared')).toEqual(['a@10']);
    expect(foundInAnyOrder(candidates, 'org/shared')).toEqual(['a@10']);
    expect(foundInAnyOrder(candidates, 'vendor/shared')).toEqual(['a@10']);
  });

  test('gives way to a bundle of that name', () => {
    const candidates = [bundle('a', '1', { aliases: ['z'] }), bundle('z', '1')];
    expect(foundInAnyOrder(candidates, 'z')).toEqual(['z@1']);
    expect(foundInAnyOrder(candidates, 'vendor/z')).toEqual(['z@1']);
  });

  test('as it stands comes before the part after the last slash', () => {
    const candidates = [bundle('z', '1'), bundle('other', '1', { aliases: ['vendor/z'] })];
    expect(foundInAnyOrder(candidates, 'vendor/z')).toEqual(['other@1']);
  });

  test('is as settled for the default bundle, should two claim to be it', () => {
    const isDefault = { isDefault: true };
    expect(foundInAnyOrder([bundle('b', '1', isDefault), bundle('a', '1', isDefault)], undefined)).toEqual(['a@1']);
  });
});

describe("NIM's clients write `_` for `.` in paths, and LiteLLM `.` for `_` in bodies", () => {
  const nim = bundle('rerank-3.2_v2', '1.0', { aliases: ['nvidia/llama-3.2-rerank_1b'] });

  test.each([
    'rerank-3_2_v2',
    'rerank-3.2.v2',
    'nvidia/rerank-3_2_v2',
    'rerank-3_2_v2@1_0',
    'nvidia/llama-3_2-rerank_1b',
    'nvidia/llama-3.2-rerank.1b',
  ])('%s is found', (model) => expect(found([nim], model)).toBe('rerank-3.2_v2@1.0'));

  test('only where nothing is called so as it stands', () => {
    const candidates = [bundle('a.b', '1'), bundle('a_b', '1')];
    expect(foundInAnyOrder(candidates, 'a_b')).toEqual(['a_b@1']);
    expect(foundInAnyOrder(candidates, 'a.b')).toEqual(['a.b@1']);
  });
});

describe("an operator's own names", () => {
  const candidates = [
    bundle('e5', '1', { isDefault: true }),
    bundle('bge', '1', { aliases: ['BAAI/bge'] }),
    bundle('bge', '2', { aliases: ['BAAI/bge'] }),
  ];
  const aliases = {
    'gte-rerank': 'default',
    'bge-reranker-v2.m3': 'bge@1',
    'rerank-english': 'BAAI/bge',
    bge: 'e5',
    gone: 'nobody',
    'vendor/x': 'bge',
  };

  test.each([
    ['gte-rerank', 'e5@1'],
    ['openai/gte-rerank', 'e5@1'],
    ['gte_rerank', undefined],
    ['bge-reranker-v2.m3', 'bge@1'],
    ['bge-reranker-v2_m3', 'bge@1'],
    ['a/b/bge-reranker-v2_m3', 'bge@1'],
    ['rerank-english', 'bge@2'],
    ['bge', 'e5@1'],
    ['vendor/bge', 'e5@1'],
    ['BAAI/bge', 'bge@2'],
    ['bge@2', 'bge@2'],
    ['vendor/x', 'bge@2'],
    ['other/x', undefined],
    ['gone', undefined],
    ['GTE-rerank', undefined],
    ['e5', 'e5@1'],
  ])('%s means %s', (model, expected) => expect(found(candidates, model, aliases)).toBe(expected));
});

test('bundles are listed by name, the newest version first', () => {
  const listed = [bundle('b', '1'), bundle('a', '9'), bundle('B', '1'), bundle('a', '10')].sort(compareNamed);
  expect(listed.map(({ name, version }) => `${name}@${version}`)).toEqual(['B@1', 'a@10', 'a@9', 'b@1']);
});
