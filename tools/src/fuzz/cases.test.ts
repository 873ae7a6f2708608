import { makeCases } from './cases';
import { readDescription } from './description';
import { exampleOf, pathsOf, withValue } from './json-schema';

const text = { type: 'string' };
const description = readDescription({
  paths: {
    '/v1/rerank': {
      post: {
        requestBody: {
          content: {
            'application/json': {
              schema: {
                anyOf: [
                  {
                    type: 'object',
                    properties: { model: text, query: text, documents: { type: 'array', items: text } },
                  },
                  { $ref: '#/components/schemas/Other' },
                ],
              },
            },
          },
        },
        responses: { 200: {}, 401: {} },
      },
    },
    '/v1/models/{name}': { get: { responses: { 200: {}, 401: {} } } },
  },
  components: {
    schemas: { Other: { type: 'object', properties: { input: { type: 'object', properties: { query: text } } } } },
  },
});
const targets = { description, keyedDescription: description, hosts: { open: 'a:1', keyed: 'b:2' }, model: 'm' };

it('makes the same request for the same seed and index, and different requests otherwise', () => {
  const { tableSize } = makeCases(targets, 1);
  const indexes = Array.from({ length: 400 }, (_, at) => tableSize + at);
  const bytes = (seed: number) => {
    const cases = makeCases(targets, seed);
    return indexes.map((index) => cases.at(index).bytes.toString('latin1'));
  };
  expect(bytes(1)).toEqual(bytes(1));
  expect(new Set([...bytes(1), ...bytes(2)]).size).toBeGreaterThan(700);
});

it('makes every kind of request', () => {
  const cases = makeCases(targets, 1);
  // includes only one of the costly cases
  const table = Array.from({ length: cases.costlyFrom + 1 }, (_, index) => index);
  const made = Array.from({ length: 300 }, (_, at) => cases.tableSize + at);
  const kinds = [...table, ...made].map((index) => cases.at(index).kind);
  const all = ['costly', 'encoding', 'example', 'field', 'header', 'json', 'key', 'method', 'path', 'raw'];
  expect([...new Set(kinds)].sort()).toEqual(all);
});

it('puts its marker into the texts of a request', () => {
  const cases = makeCases(targets, 1);
  const made = Array.from({ length: 300 }, (_, at) => cases.at(cases.tableSize + at)).filter(
    ({ kind }) => kind === 'field',
  );
  const marked = made.filter(({ bytes, marker }) => bytes.includes(marker));
  expect(marked.length / made.length).toBeGreaterThan(0.5);
});

it('tries every spelling at every operation that needs a key, never with the right key', () => {
  const cases = makeCases(targets, 1);
  const table = Array.from({ length: cases.costlyFrom }, (_, index) => cases.at(index));
  const closed = table.filter(({ kind, also }) => kind === 'key' && also.includes(401));
  expect(closed.length).toBeGreaterThan(150);
  expect(closed.every(({ gateway, also }) => gateway === 'keyed' && !also.includes(200))).toBe(true);
  const key = /^(authorization: (Bearer )?|x-api-key: |api-key: )the-right-key-0123456789\r$/m;
  const heads = closed.map(({ bytes }) => bytes.toString('latin1'));
  expect(heads.filter((head) => key.test(head))).toEqual([]);
});

it('makes an example of a schema, and replaces the value at a path', () => {
  const [, other] = description.operations[0]?.bodies ?? [];
  const options = { text: 't', resolve: description.resolve, known: {} };
  const example = exampleOf(other ?? {}, options);
  expect(example).toEqual({ input: { query: 't' } });
  expect(pathsOf(example)).toEqual([['input'], ['input', 'query']]);
  expect(withValue(example, ['input', 'query'], 7)).toEqual({ input: { query: 7 } });
});
