import { dialectCases, type DialectCase } from './cases';
import { call, startEdge, type TestEdge } from '../testing';

/** What counts as text, in every dialect: content parts, and texts in which nothing shows. */

let edge: TestEdge;
beforeAll(async () => (edge = await startEdge()));
afterAll(() => edge.close());

const each = dialectCases.map((dialect) => ({ name: dialect.name, dialect }));

/** What reached the fleet. */
async function asked({ path, body }: DialectCase, query: unknown, documents: readonly unknown[]) {
  const answer = await call(edge, { path, body: body(query, documents) });
  expect([answer.status, answer.text.slice(0, 200)]).toEqual([200, expect.any(String)]);
  return edge.fleet.asked.at(-1)?.request;
}

/** Sends what must be refused with 422 by the name of `field`. */
async function expectRefused(
  dialect: DialectCase,
  { query = 'q', documents = ['a'], field }: { query?: unknown; documents?: readonly unknown[]; field: string },
) {
  const before = edge.fleet.asked.length;
  const answer = await call(edge, { path: dialect.path, body: dialect.body(query, documents) });
  expect([field, answer.status]).toEqual([field, 422]);
  expect(answer.text).toContain(`\`${field}\` `);
  expect(edge.fleet.asked).toHaveLength(before);
}

const textParts: [what: string, element: unknown, text: string][] = [
  ['vLLM: `content` with a text part', { content: [{ type: 'text', text: 'a b' }] }, 'a b'],
  [
    'several text parts, one a line',
    {
      content: [
        { type: 'text', text: 'a' },
        { type: 'text', text: 'b' },
      ],
    },
    'a\nb',
  ],
  ['a message of OpenAI', { role: 'user', content: [{ type: 'input_text', text: 'a' }] }, 'a'],
  ['strings among the parts', { content: ['a', { type: 'text', text: 'b' }] }, 'a\nb'],
  ['a part without a type', { content: [{ text: 'a' }] }, 'a'],
  [
    'the list alone',
    [
      { type: 'text', text: 'a' },
      { type: 'text', text: 'b' },
    ],
    'a\nb',
  ],
  ['`text` beside an image', { text: 'a', image: 'https://example.org/a.png' }, 'a'],
  ['`text` beside parts', { text: 'a', content: [{ type: 'image_url' }] }, 'a'],
];

describe.each(each)('$name: content parts', ({ dialect }) => {
  test.each(textParts)('%s is read as text, of a document and of the query', async (_what, element, text) => {
    expect((await asked(dialect, 'q', ['x', element]))?.documents).toEqual(['x', text]);
    expect((await asked(dialect, element, ['x']))?.query).toBe(text);
  });

  const image = { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } };
  const noText: [what: string, element: unknown, place: string][] = [
    ['vLLM: an image', { content: [image] }, '.content[0]'],
    ['an image after a text', { content: [{ type: 'text', text: 'a' }, image] }, '.content[1]'],
    ['an image in a list alone', [{ type: 'text', text: 'a' }, image], '[1]'],
    ['an audio', { content: [{ type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } }] }, '.content[0]'],
    ['a video', { content: [{ type: 'video_url', video_url: { url: 'x' } }] }, '.content[0]'],
    ['a file', { content: [{ type: 'file', file: { file_id: 'x' } }] }, '.content[0]'],
    ['Voyage: an image as base64', { content: [{ type: 'image_base64', image_base64: 'x' }] }, '.content[0]'],
    ['an unknown kind', { content: [{ type: 'hologram', text: 'a' }] }, '.content[0]'],
    ['a text part whose text is none', { content: [{ type: 'text', text: 5 }] }, '.content[0]'],
    ['an image with a caption and no type', { content: [{ text: 'a', image: 'x' }] }, '.content[0]'],
    ['a number among the parts', { content: ['a', 5] }, '.content[1]'],
    ['Jina: `image`', { image: 'https://example.org/a.png' }, ''],
    ['Jina: `image` beside an empty text', { text: ' ', image: 'x' }, ''],
    ['Jina: `image` with an id', { id: 7, image: 'x' }, ''],
    ['`image_url`', { image_url: { url: 'x' } }, ''],
    ['`audio`', { audio: 'x' }, ''],
    ['DashScope: `video`', { video: 'x' }, ''],
    ['`pdf`', { pdf: 'x' }, ''],
    ['an image part alone', image, ''],
    ['Elasticsearch: an image by its type', { type: 'image', format: 'base64', value: 'x' }, ''],
  ];
  test.each(noText)('%s is refused by its place, as a document and as the query', async (_what, element, place) => {
    const { query, list } = dialect.fields;
    await expectRefused(dialect, { documents: ['a', 'b', 'c', element, 'd'], field: `${list}[3]${place}` });
    await expectRefused(dialect, { query: element, field: `${query}${place}` });
  });
});

describe('an object with more in it than an image', () => {
  const objects = each.filter(({ dialect }) => dialect.elements === 'objects');
  const record = { title: 'Signing in', image: 'https://example.org/a.png' };

  test.each(objects)('$name: a record with an image among its members is ranked as its JSON', async ({ dialect }) => {
    expect((await asked(dialect, 'q', [record]))?.documents).toEqual([JSON.stringify(record)]);
  });

  const byFields = objects.filter(({ dialect }) => dialect.options.includes('rank_fields'));
  test.each(byFields)('$name: `rank_fields` may name parts, or any member beside them', async ({ dialect }) => {
    const send = (documents: unknown[], field: string) =>
      call(edge, { path: dialect.path, body: dialect.body('q', documents, { rank_fields: [field] }) });
    const both = { title: 'a', content: [{ type: 'text', text: 'b' }], image: [{ type: 'image_url' }] };
    await send([both], 'title');
    expect(edge.fleet.asked.at(-1)?.request.documents).toEqual(['a']);
    await send([both], 'content');
    expect(edge.fleet.asked.at(-1)?.request.documents).toEqual(['b']);
    const refused = await send(['x', both], 'image');
    expect([refused.status, refused.text.includes(`\`${dialect.fields.list}[1]\` `)]).toEqual([422, true]);
  });
});

describe.each(each)('$name: a query in which nothing shows', ({ dialect }) => {
  test.each([
    ['no character', ''],
    ['white space', ' \t\r\n\u00a0\u2003\u3000\u0085'],
    ['zero-width characters and a byte order mark', '\u200b\u200c\u200d\u2060\ufeff'],
    ['a soft hyphen', '\u00ad'],
    ['bidi controls', '\u202e\u2066\u2069\u061c'],
    ['variation selectors and tags', '\ufe0f\u{e0101}\u{e0020}'],
    ['control characters', '\u0000\u0007\u007f'],
    ['fillers and an empty Braille cell', '\u3164\u115f\u2800'],
    ['half of a surrogate pair', '\ud83d'],
  ])('%s is refused', async (_what, query) => {
    const field = dialect.fields.query;
    for (const asked of [query, { text: query }, { content: [{ type: 'text', text: query }] }]) {
      await expectRefused(dialect, { query: asked, field });
    }
  });

  test.each(['?', '👩\u200d💻', '\u0301', '\u06dd'])('%s is a query', async (query) => {
    expect((await asked(dialect, query, ['a']))?.query).toBe(query);
  });
});
