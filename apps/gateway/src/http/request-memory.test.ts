import { PassThrough } from 'node:stream';
import type { IncomingMessage } from 'node:http';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { readBody } from './body-reader';
import { dialectCases, type DialectCase } from '../client-rules/cases';
import { chooseDialect } from '../dialects/choose';
import type { JsonObject } from './json-object';
import type { ParsedBody } from '../dialects/dialect';
import { rankEndpointOf } from '../rank/endpoints';
import { createHeldBytes } from './held-bytes';
import { parseJsonObject, valueBytes } from './json-body';
import { measureJson } from './json-size';

setFlagsFromString('--expose_gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** What is in use of the heap. */
function usedBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

/** The same with buffers, which another thread takes away: one collection begins that, and the next one counts it. */
function usedBytesWithBuffers(): number {
  collectGarbage();
  return usedBytes() + process.memoryUsage().arrayBuffers;
}

const limits = { maxDocuments: 1_000, maxTextCharacters: 10_000_000, maxJsonDepth: 20 };
/** What is promised of memory: so many times what is held, and what the process itself moves by. */
const heldMultiple = 4;
const slackBytes = 4_000_000;

const familyOf = ({ path }: DialectCase) => rankEndpointOf(path)?.family ?? 'body-decides';

function parse(dialect: DialectCase, bytes: Buffer): ParsedBody {
  const json = parseJsonObject(bytes, limits, createHeldBytes(Infinity).open());
  if (!json.ok) return json;
  const chosen = chooseDialect(familyOf(dialect), json.body);
  return chosen.ok ? chosen.dialect.parse(json.body, limits) : chosen;
}

/** Documents in JSON that are expensive in some way. */
const times = (count: number, one: (at: number) => string) => Array.from({ length: count }, (_, at) => one(at)).join();
const nested = (name: (level: number) => string) =>
  Array.from({ length: 16 }, (_, level) => `{"${name(level)}":`).join('') + '0' + '}'.repeat(16);
const expensiveDocuments: [what: string, documents: () => string[]][] = [
  [
    'objects that are sparse lists',
    () => [times(900, () => `{"text":"a","x":[${times(3, () => nested(() => '34'))}]}`)],
  ],
  [
    'keys, shapes and very small values',
    () => [
      `{"text":"a",${times(10_000, (at) => `"key${at}":0`)}}`,
      times(200, (at) => `{"text":"a",${times(30, (key) => `"k${at}_${key}":{}`)}}`),
      times(200, (at) => `{"text":"a","x":${nested((level) => `k${at}_${level}`)}}`),
      `{"text":"a","x":[${times(15_000, () => '[]')}]}`,
      `{"a":[${times(15_000, () => '{}')}]}`,
      `{"a":[${times(20_000, () => '1e20')}]}`,
    ],
  ],
  [
    'texts of one byte a character, and members that are ranked',
    () => [
      `"${'x'.repeat(1_500_000)}"`,
      times(200, () => `{"a":"${'\\u0001\\n\\"'.repeat(200)}"}`),
      times(700, () => `{${times(50, (at) => `"k${at}":"${'x'.repeat(20)}"`)}}`),
    ],
  ],
  [
    'texts of two bytes a character',
    () => [
      times(20, () => `{"a":"${'x'.repeat(150_000)}\\u4e2d"}`),
      `"${'x'.repeat(700_000)}中"`,
      times(900, () => `"${'中'.repeat(100)}"`),
    ],
  ],
];
const manyRankFields = Array.from({ length: 100 }, (_, at) => `k${at % 50}`);
/** A body of the dialect with all its documents asked back; the documents are put in as they are written. */
function bodyWith(dialect: DialectCase, documents: string): Buffer {
  const flags = dialect.flags.filter((flag) => flag.startsWith('return')).map((flag) => [flag, true]);
  const options = {
    ...Object.fromEntries(flags),
    ...(dialect.options.includes('rank_fields') && { rank_fields: manyRankFields }),
  };
  const body = JSON.stringify(dialect.body('q', [{ text: '#' }], options));
  return Buffer.from(body.replace('{"text":"#"}', () => documents));
}

const parserOf = (dialect: DialectCase) => {
  const chosen = chooseDialect(familyOf(dialect), dialect.body('q', ['a']) as JsonObject);
  return chosen.ok ? chosen.dialect.parse : undefined;
};
/** One dialect for each parser: what is sent to another path is parsed alike. */
const differentDialects = [...new Map(dialectCases.map((dialect) => [parserOf(dialect), dialect])).values()];

describe.each(differentDialects)('what a body of $name takes is bounded by what is held for it', (dialect) => {
  let before: number;
  beforeAll(() => (before = usedBytes()));

  test.each(expensiveDocuments)('%s', (_what, write) => {
    const bytes = bodyWith(dialect, write().join());
    const measured = measureJson(bytes, { maxDepth: Infinity, maxValues: Infinity });
    const heldBytes = bytes.length + valueBytes * (measured.ok ? measured.size.values : NaN);
    const parsed = parse(dialect, bytes);
    expect(usedBytes() - before).toBeLessThan(heldMultiple * heldBytes + slackBytes);
    if (dialect.elements === 'objects') expect(parsed).toMatchObject({ ok: true });
  });
});

test('anything is parsed or refused, never thrown', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('', '中', '\ud800', '__proto__', '34', '4294967294'),
  );
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.oneof(text, fc.double(), fc.constantFrom(1e20, -0, 1e300), fc.boolean(), fc.constant(null)),
      fc.array(tie('value'), { maxLength: 5 }),
      fc.dictionary(text, tie('value'), { maxKeys: 5 }),
    ),
  }));
  const options = fc.dictionary(
    fc.constantFrom(...dialectCases.flatMap((dialect) => dialect.options), 'x', '__proto__'),
    value,
    { maxKeys: 6 },
  );
  const body = fc.tuple(fc.constantFrom(...dialectCases), value, fc.array(value, { maxLength: 5 }), options);
  fc.assert(
    fc.property(body, ([dialect, query, documents, chosen]) => {
      const bytes = Buffer.from(JSON.stringify(dialect.body(query, documents, chosen)));
      expect(typeof parse(dialect, bytes).ok).toBe('boolean');
    }),
    { numRuns: 200 },
  );
});

describe('of a body that was read', () => {
  const limits = { maxBodyBytes: 20_000_000, bodyTimeoutMs: 600_000 };
  const incoming = () => Object.assign(new PassThrough(), { headers: {} }) as unknown as PassThrough & IncomingMessage;
  const turn = () => new Promise((resolve) => setImmediate(resolve));

  test('thousands of pieces take no more than their bytes', async () => {
    const request = incoming();
    const held = createHeldBytes(Infinity);
    const before = usedBytesWithBuffers();
    const read = readBody(request, limits, held.open());
    for (let sent = 0; sent < 100_000; sent++) {
      request.write(Buffer.from('x'));
      if (sent % 1_000 === 0) await turn();
    }
    while (held.now() < 100_000) await turn();
    expect(usedBytesWithBuffers() - before).toBeLessThan(heldMultiple * 100_000 + slackBytes);
    request.end();
    expect(await read).toMatchObject({ ok: true });
  });

  test.each([
    ['complete', { ok: true }],
    ['given up', { ok: false }],
  ])('nothing stays when it is %s, though its request goes on', async (how, result) => {
    const request = incoming();
    const held = createHeldBytes(20_000_000);
    const hold = held.open();
    const before = usedBytesWithBuffers();
    const read = readBody(request, limits, hold).then(({ ok }) => ({ ok }));
    for (let sent = 0; sent < 150; sent++) {
      request.write(Buffer.alloc(100_000, 'x'));
      await turn();
    }
    while (held.now() < 15_000_000) await turn();
    if (how === 'complete') request.end();
    else held.open().grow(10_000_000);
    expect(await read).toEqual(result);
    expect(usedBytesWithBuffers() - before).toBeLessThan(slackBytes);
    expect([request.destroyed, hold.grow(0)]).toEqual([how === 'complete', undefined]);
  });
});
