import { fetchModels } from './models';
import { startStandIn } from './testing';

/** As `GET /v1/models` gives it, members that the page does not use left out but one. */
const model = {
  id: 'e5@1',
  object: 'model',
  root: 'e5',
  version: '1',
  aliases: ['small'],
  is_default: true,
  head: 'late-interaction',
  revision: 'abc',
  source: 'org/e5',
  takes_instruction: false,
  max_length_tokens: 512,
  dtype: 'int8',
  provider: 'cpu',
  workers: 2,
  tokens_per_second: null,
  limits: { max_documents: 1000, max_body_bytes: 10_000_000, max_text_characters: 100_000, max_json_depth: 20 },
};

async function fetched(body: unknown) {
  const gateway = await startStandIn(() => ({ body }));
  try {
    const result = await fetchModels({ baseUrl: gateway.url, apiKey: 'k', signal: new AbortController().signal });
    return { result, seen: gateway.requests[0] };
  } finally {
    await gateway.close();
  }
}

test('the models come with their limits', async () => {
  const { result, seen } = await fetched({ object: 'list', data: [model], models: [] });
  expect(seen).toMatchObject({ method: 'GET', path: '/v1/models', headers: { authorization: 'Bearer k' } });
  expect(result).toEqual({
    ok: true,
    value: [
      {
        id: 'e5@1',
        root: 'e5',
        version: '1',
        aliases: ['small'],
        isDefault: true,
        head: 'late-interaction',
        revision: 'abc',
        source: 'org/e5',
        takesInstruction: false,
        maxLengthTokens: 512,
        dtype: 'int8',
        provider: 'cpu',
        workers: 2,
        tokensPerSecond: null,
        limits: { maxDocuments: 1000, maxBodyBytes: 10_000_000, maxTextCharacters: 100_000 },
      },
    ],
  });
});

test('no model is a list too', async () => {
  expect((await fetched({ data: [] })).result).toEqual({ ok: true, value: [] });
});

test.each(Object.keys(model).filter((name) => !['object', 'tokens_per_second'].includes(name)))(
  'a model without %s is unexpected',
  async (name) => {
    const { [name]: _, ...body } = model as Record<string, unknown>;
    expect((await fetched({ data: [body] })).result).toMatchObject({ ok: false, failure: { kind: 'unexpected' } });
  },
);
