import type { EndpointFamily } from './families';
import { chooseDialect, fallbackDialects } from './choose';
import type { JsonObject } from '../http/json-object';

const documents = ['a'];
const input = { query: 'q', documents };

describe('the body decides', () => {
  test.each<[JsonObject, string]>([
    [{ documents }, 'cohere'],
    [{ documents, property: '' }, 'weaviate'],
    [{ documents, property: 'title' }, 'weaviate'],
    [{ documents, property: null }, 'cohere'],
    [{ documents, property: 5 }, 'cohere'],
    [{ texts: documents }, 'tei'],
    [{ texts: documents, property: '' }, 'tei'],
    [{ passages: documents }, 'nvidia'],
    [{ input }, 'dash-scope'],
    [{ input, parameters: {} }, 'dash-scope'],
    [{ documents, input: 'x', passages: null, texts: null }, 'cohere'],
    [{ documents: null, input }, 'dash-scope'],
    [{ input: documents }, 'mixedbread'],
    [{ input: [], query: 'q' }, 'mixedbread'],
    [{ input: documents, documents: null }, 'mixedbread'],
    [{ documents: 5 }, 'cohere'],
    [{ passages: 0 }, 'nvidia'],
  ])('%j is for %s', (body, expected) => {
    const chosen = chooseDialect('body-decides', body);
    expect(chosen.ok && chosen.dialect.name).toBe(expected);
  });

  test('two lists are refused and named, without a word of them', () => {
    expect(chooseDialect('body-decides', { documents, passages: documents })).toEqual({
      ok: false,
      failure: {
        code: 'invalid_type',
        message: 'Send one list of texts, not `documents` and `passages` together.',
        field: 'passages',
      },
    });
  });

  test('inherited members are no lists', () => {
    for (const body of [
      {},
      { input: {} },
      { input: 'a' },
      JSON.parse('{"__proto__":{"documents":["a"]}}') as JsonObject,
    ]) {
      expect(chooseDialect('body-decides', body)).toMatchObject({ ok: false, failure: { field: 'documents' } });
    }
  });
});

describe('a prefix decides', () => {
  test.each<[EndpointFamily, string]>([
    ['voyage', 'voyage'],
    ['infinity', 'infinity'],
    ['dash-scope', 'dash-scope'],
    ['nvidia', 'nvidia'],
    ['pinecone', 'pinecone'],
    ['openrouter', 'openrouter'],
    ['hugging-face', 'hugging-face'],
    ['score', 'score'],
    ['deepinfra', 'deepinfra'],
    ['zeroentropy', 'zeroentropy'],
    ['isaacus', 'isaacus'],
  ])('%s, whatever is in the body', (family, expected) => {
    const chosen = chooseDialect(family, { documents, property: '', input, passages: documents });
    expect(chosen.ok && chosen.dialect.name).toBe(expected);
    expect(fallbackDialects[family].name).toBe(expected);
  });

  test('but /hf also takes what TEI takes', () => {
    const chosen = chooseDialect('hugging-face', { texts: documents });
    expect(chosen.ok && chosen.dialect.name).toBe('tei');
  });
});
