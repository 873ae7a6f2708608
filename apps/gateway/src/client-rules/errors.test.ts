import type { ErrorCode, Failure } from '@rerank-fleet/contract';
import { ask, dialectCases, documents, query, type DialectCase, type RuleRow } from './cases';
import { errorWords } from './error-bodies';
import { rankEndpoints } from '../rank/endpoints';
import { bodyOf, call, fakeFleet, pathOf, startEdge, type TestEdge, type WireAnswer } from '../testing';

/** What clients read in errors and how long they wait, one row a rule, with the clients that break without it. */

let edge: TestEdge;
let keyed: TestEdge;
let small: TestEdge;
let failing: TestEdge;
/** What the fleet of `failing` answers next. */
let failure: Failure;

beforeAll(async () => {
  edge = await startEdge();
  keyed = await startEdge({ env: { API_KEYS: 'secret-key' } });
  small = await startEdge({ env: { MAX_DOCUMENTS: '2', MAX_TEXT_CHARACTERS: '50', MAX_BODY_BYTES: '1024' } });
  failing = await startEdge({ fleet: fakeFleet(async () => ({ ok: false, failure })) });
});
afterAll(() => Promise.all([edge, keyed, small, failing].map((one) => one.close())));

/** Holds an answer to its status, its type, and its dialect's spelling of what it says. */
function expectError(answer: WireAnswer, { error }: DialectCase, expected: { code: ErrorCode; field?: string }): void {
  const { json, headers, status } = answer;
  const { message, error: said } = json as { message?: string; error?: string | { message: string } };
  const text = message ?? (typeof said === 'object' ? said.message : said) ?? '';
  expect(text).not.toBe('');
  expect(headers['content-type']).toBe('application/json; charset=utf-8');
  expect(status).toBe(errorWords[expected.code as keyof typeof errorWords].status);
  const limit = (json as { error?: { limit?: number } }).error?.limit;
  const told = { ...expected, message: text, ...(limit !== undefined && { limit }) };
  expect(json).toEqual(error(told, String(headers['x-request-id'])));
}

const codes = Object.keys(errorWords) as (keyof typeof errorWords)[];
const perDialect = dialectCases.flatMap((dialect) => codes.map((code) => ({ name: dialect.name, dialect, code })));

test.each(perDialect)('$name: $code has its status and the body that its clients read', async ({ dialect, code }) => {
  failure = { code, message: 'Said by us.', field: 'model', limit: 3 };
  const { status, json, headers } = await ask(failing, dialect);
  expect(status).toBe(errorWords[code].status);
  expect(json).toEqual(dialect.error(failure, String(headers['x-request-id'])));
});

const onOwnPath = dialectCases.filter(({ name }) =>
  /^(documents|hugging-face|infinity|voyage|dash-scope|nvidia|openrouter|mixedbread|pinecone|score|deepinfra|zeroentropy|isaacus)$/.test(
    name,
  ),
);
const eachDialect = async (check: (dialect: DialectCase) => Promise<void>, of = dialectCases) => {
  for (const dialect of of) await check(dialect);
};

const statuses: RuleRow[] = [
  [
    '16, 400: what is not JSON is refused in the spelling of the path',
    'AI SDK, Hugging Face, Jina, Xinference and DashScope clients',
    () =>
      eachDialect(async (dialect) => {
        for (const body of ['{', '[]', '<html></html>']) {
          const answer = await call(edge, { path: dialect.path, body });
          const code = body === '[]' ? 'invalid_type' : 'invalid_json';
          expectError(answer, dialect, { code, field: 'body' });
        }
      }, onOwnPath),
  ],
  [
    '400: a list that is none names its field',
    'people',
    () =>
      eachDialect(async (dialect) => {
        const field = dialect.fields.list;
        const sent = dialect.body(query, documents) as Record<string, object>;
        const wrong =
          field === 'input.documents'
            ? { ...sent, input: { ...sent['input'], documents: 5 } }
            : { ...sent, [field]: 5 };
        const answer = await call(edge, { path: dialect.path, body: wrong });
        // an `input` that is no list is not mixedbread's, so that nothing is left that could be ranked
        const told = field === 'input' ? 'documents' : field;
        expectError(answer, dialect, { code: 'invalid_type', field: told });
        expect(answer.text).toContain(told);
      }),
  ],
  [
    '401: a missing key is reported in the spelling of the path, with a challenge',
    'openai, cohere-ai, dashscope: all show it and none tries again',
    () =>
      eachDialect(async (dialect) => {
        const answer = await ask(keyed, dialect);
        expectError(answer, dialect, { code: 'unauthorized' });
        expect(answer.headers).toHaveProperty('www-authenticate');
      }, onOwnPath),
  ],
  [
    '404: an unknown path says where rerank lives, in the spelling of its prefix',
    'clients with a doubled or a missing /v1',
    async () => {
      const unknown = {
        documents: '/v1/v1/v1/rerank',
        'hugging-face': '/hf/v9',
        infinity: '/infinity/v2/rerank',
        voyage: '/voyage/rerank',
        'dash-scope': '/api/v1/services/rerank',
        nvidia: '/v1/retrieval/reranking',
        openrouter: '/api/v1/models',
        mixedbread: '/v1/reranking/x',
        pinecone: '/pinecone/models',
        score: '/v1/score/x',
        deepinfra: '/v1/inference',
        zeroentropy: '/v2/models/rerank',
        isaacus: '/v1/rerankings/x',
      };
      await eachDialect(async (dialect) => {
        const path = unknown[dialect.name as keyof typeof unknown];
        const answer = await call(edge, { path, body: dialect.body(query, documents) });
        expectError(answer, dialect, { code: 'route_not_found' });
        expect(answer.text).toContain('POST /rerank');
        expect(answer.text).toContain('/v1/rerank');
      }, onOwnPath);
    },
  ],
  [
    '405: another method is refused, with the one that is allowed',
    'people and their browsers',
    () =>
      eachDialect(async (dialect) => {
        // a GET of ZeroEntropy's path asks for the model of that name
        const method = dialect.name === 'zeroentropy' ? 'PUT' : 'GET';
        const answer = await call(edge, { path: dialect.path, method });
        expectError(answer, dialect, { code: 'method_not_allowed' });
        expect(answer.headers.allow).toBe('POST');
      }, onOwnPath),
  ],
  [
    '413: too many documents and too many bytes, never tried again',
    'TEI clients, whoever sends too large a batch',
    () =>
      eachDialect(async (dialect) => {
        const field = dialect.fields.list;
        expectError(await ask(small, dialect), dialect, { code: 'too_many_documents', field });
        if (!onOwnPath.includes(dialect)) return;
        const large = await call(small, { path: dialect.path, body: dialect.body('x'.repeat(1_024), ['a']) });
        expectError(large, dialect, { code: 'body_too_large', field: 'body' });
      }),
  ],
  [
    '415: a form is not JSON',
    'people with curl',
    () =>
      eachDialect(async (dialect) => {
        const headers = { 'content-type': 'application/x-www-form-urlencoded' };
        const answer = await call(edge, { path: dialect.path, body: 'a=b', headers });
        expectError(answer, dialect, { code: 'unsupported_media_type', field: 'content-type' });
      }, onOwnPath),
  ],
  [
    '422: no document, and a text that is too long, name their place',
    'people',
    () =>
      eachDialect(async (dialect) => {
        const { list: field, query: queryField } = dialect.fields;
        const none = await call(small, { path: dialect.path, body: dialect.body(query, []) });
        expect([none.status, none.text.includes(`\`${field}\` must have`)]).toEqual([422, true]);
        const long = await call(small, { path: dialect.path, body: dialect.body('q', ['a', 'x'.repeat(51)]) });
        expectError(long, dialect, { code: 'invalid_value', field: `${field}[1]` });
        const asked = await call(small, { path: dialect.path, body: dialect.body('x'.repeat(51), ['a']) });
        expectError(asked, dialect, { code: 'invalid_value', field: queryField });
      }),
  ],
];

const retries: RuleRow[] = [
  [
    '429 and 503 carry Retry-After in whole seconds, in every dialect',
    'cohere, openai, together, voyageai, AI SDK: all wait exactly that long',
    () =>
      eachDialect(async (dialect) => {
        for (const code of ['queue_full', 'no_worker', 'redis_away'] as const) {
          failure = { code, message: 'm', retryAfterS: 7 };
          expect((await ask(failing, dialect)).headers['retry-after']).toBe('7');
          failure = { code, message: 'm' };
          expect((await ask(failing, dialect)).headers['retry-after']).toMatch(/^[1-9]\d*$/);
        }
      }),
  ],
  [
    'nothing else carries it: no client is to wait for an error that stays',
    'the same',
    async () => {
      for (const code of codes.filter((one) => ![429, 503].includes(errorWords[one].status))) {
        failure = { code, message: 'm' };
        expect((await call(failing, { body: { query, documents } })).headers).not.toHaveProperty('retry-after');
      }
    },
  ],
  [
    'overload is 429, and 503 only without a worker or Redis, or when work was interrupted',
    '@huggingface/inference, which repeats a 503 at once and without end',
    async () => {
      const unavailable = codes.filter((code) => errorWords[code].status === 503);
      expect(unavailable).toEqual(['no_worker', 'redis_away', 'interrupted']);
      failure = { code: 'queue_full', message: 'm' };
      expect((await call(failing, { body: { query, texts: documents } })).status).toBe(429);
    },
  ],
];

const shapes: RuleRow[] = [
  [
    '16: HTML never, whatever is accepted, asked for or sent',
    'AI SDK shows "Bad Gateway", cohere-ai and openai take a 200 with HTML for success',
    async () => {
      const headers = { accept: 'text/html', 'content-type': 'text/html' };
      const paths = [
        '/assets/nothing',
        '/rerank',
        '/nowhere',
        '/v1/models/nobody',
        '/v1/models/%zz',
        '/docs/nothing',
        '/hf/%zz',
      ];
      for (const path of [...paths, ...rankEndpoints.map(pathOf)]) {
        for (const method of ['GET', 'POST', 'PUT', 'DELETE']) {
          const answer = await call(edge, { path, method, headers, body: '<html></html>' });
          expect(answer.status).toBeGreaterThanOrEqual(400);
          expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
          expect(answer.json).toBeInstanceOf(Object);
        }
      }
    },
  ],
  [
    '16: `message` and `error.message`, `error.type`, `error.code`, `error.param` are there',
    'cohere-ai, @ai-sdk/cohere; openai, Together',
    async () => {
      const { json } = await call(edge, { body: { documents } });
      const message = '`query` is missing.';
      const error = { message, type: 'invalid_request_error', code: 'invalid_type', param: 'query' };
      expect(json).toEqual({ message, detail: message, error });
    },
  ],
  [
    '16: `error` is a string for TEI and Weaviate, and absent for Voyage and DashScope',
    '@huggingface/inference, Haystack TEI, Weaviate, voyageai for Python',
    async () => {
      const texts = await call(edge, { body: { query, texts: [] } });
      expect(texts.json).toEqual({ error: '`texts` must have at least one text.', error_type: 'Empty' });
      const property = await call(edge, { body: { query, documents: [], property: '' } });
      expect(property.json).toHaveProperty('error', '`documents` must have at least one text.');
      const voyage = await call(edge, { path: '/voyage/v1/rerank', body: {} });
      expect(voyage.json).toEqual({ detail: '`query` is missing.', message: '`query` is missing.' });
      const dashScope = await call(edge, { body: { input: { documents } } });
      expect(dashScope.json).toEqual({
        code: 'InvalidParameter',
        message: '`input.query` is missing.',
        request_id: dashScope.headers['x-request-id'],
      });
    },
  ],
  [
    'under /infinity a 422 has a list as `detail`, and no other status has',
    'infinity_client, which parses it',
    async () => {
      for (const path of ['/infinity/rerank', '/infinity/v1/rerank']) {
        const none = await call(edge, { path, body: { query, documents: [] } });
        const message = '`documents` must have at least one text.';
        expect([none.status, none.json]).toMatchObject([
          422,
          {
            message,
            detail: [{ loc: ['body', 'documents'], msg: message, type: 'invalid_value' }],
            error: { message },
          },
        ]);
        const missing = await call(edge, { path, body: { query } });
        expect([missing.status, missing.json]).toMatchObject([400, { detail: '`documents` is missing.' }]);
      }
    },
  ],
  [
    '`error.code` is a number for OpenRouter, and a name of its own for Pinecone',
    'openrouter, which cannot decode another; pinecone',
    async () => {
      const message = '`documents` must have at least one text.';
      const body = { query, documents: [] };
      const openRouter = await call(edge, { path: '/api/v1/rerank', body });
      expect(openRouter.json).toEqual({ message, detail: message, error: { code: 422, message } });
      const pinecone = await call(edge, { path: '/pinecone/rerank', body });
      expect(pinecone.json).toEqual({ error: { code: 'INVALID_ARGUMENT', message }, status: 422 });
      const dashScope = await call(edge, { path: '/api/v1/services/rerank', body });
      expect(dashScope.json).toHaveProperty('code', 'NotFound');
    },
  ],
  [
    'an error names the request that the log has',
    'people, and dashscope for Python',
    async () => {
      for (const endpoint of rankEndpoints) {
        const answer = await call(edge, {
          path: pathOf(endpoint),
          body: { ...bodyOf(endpoint), query: 5, input: 5, queries: 5, text_2: 5 },
        });
        expect([answer.status, answer.headers['x-request-id']]).toMatchObject([
          400,
          expect.stringMatching(/^[\da-f-]{36}$/),
        ]);
      }
    },
  ],
  [
    'no error quotes what was sent',
    'people whose logs keep answers',
    async () => {
      const secret = 'hemlock';
      await eachDialect(async (dialect) => {
        for (const body of [dialect.body({ [secret]: secret }, [secret]), dialect.body(secret, [{ [secret]: 5 }, 5])]) {
          expect((await call(edge, { path: dialect.path, body })).text).not.toContain(secret);
        }
      });
      const unknown = await call(edge, { path: `/v1/retrieval/${secret}/x`, body: {} });
      expect([unknown.status, unknown.text.includes(secret)]).toEqual([404, false]);
    },
  ],
];

test.each([...statuses, ...retries, ...shapes])('rule %s (%s)', async (_rule, _clients, check) => check());
