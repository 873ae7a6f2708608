import fc from 'fast-check';
import { measureJson } from './json-size';

const boundless = { maxDepth: Infinity, maxValues: Infinity };
const measure = (text: string, bounds = boundless) => measureJson(Buffer.from(text), bounds);

/** The same, of what the parser made of the text. */
function sizeOf(value: unknown): { depth: number; values: number } {
  if (typeof value !== 'object' || value === null) return { depth: 0, values: 1 };
  const members = Object.values(value).map(sizeOf);
  return {
    depth: 1 + Math.max(0, ...members.map(({ depth }) => depth)),
    values: 1 + members.reduce((sum, { values }) => sum + values, 0),
  };
}

/** Texts in which quotes, brackets and backslashes mean nothing. */
const confusing = fc.string({
  unit: fc.constantFrom('"', '\\', '[', ']', '{', '}', ',', ':', 'é', '中', '\ud83d\ude00', '\n', 'u'),
});
const { value: json } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 6 },
    fc.oneof(confusing, fc.double(), fc.integer(), fc.boolean(), fc.constant(null)),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(confusing, tie('value'), { maxKeys: 4 }),
  ),
}));
const written = fc
  .tuple(json, fc.constantFrom(undefined, 1, '\t', '\r\n '))
  .map(([value, indent]) => JSON.stringify(value, null, indent));

test('measures arbitrary JSON as its parser reads it', () => {
  fc.assert(
    fc.property(written, (text) => {
      expect(measure(text)).toEqual({ ok: true, size: sizeOf(JSON.parse(text)) });
    }),
    { numRuns: 2_000 },
  );
});

test('never refuses JSON that is within the bounds, and always what is past one', () => {
  fc.assert(
    fc.property(written, (inner) => {
      const text = `[${inner}]`;
      const { depth: maxDepth, values: maxValues } = sizeOf(JSON.parse(text));
      expect(measure(text, { maxDepth, maxValues })).toMatchObject({ ok: true });
      expect(measure(text, { maxDepth: maxDepth - 1, maxValues })).toEqual({ ok: false, passed: 'maxDepth' });
      expect(measure(text, { maxDepth, maxValues: maxValues - 1 })).toEqual({ ok: false, passed: 'maxValues' });
    }),
    { numRuns: 1_000 },
  );
});

test('has a size for any bytes', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.array(fc.constantFrom(0x22, 0x5c, 0x5b, 0x5d, 0x7b, 0x7d, 0x2c, 0x20), { maxLength: 200 }),
  );
  fc.assert(fc.property(bytes, (some) => expect(() => measureJson(Buffer.from(some), boundless)).not.toThrow()));
});

test.each([
  ['lists without end', '[]'.repeat(1_000_000).replaceAll('][', '],['), 'maxValues'],
  ['nothing but brackets', '['.repeat(1_000_000), 'maxDepth'],
  ['nothing but commas', ','.repeat(1_000_000), 'maxValues'],
  ['nothing but quotes', '"'.repeat(1_000_000), 'maxValues'],
])('gives up %s at the bound', (_what, text, passed) => {
  const bytes = Buffer.from(text);
  expect(measureJson(bytes, { maxDepth: 20, maxValues: 100 })).toEqual({ ok: false, passed });
});

test('a string that does not end is not read past the bytes', () => {
  expect(measure('["\\')).toMatchObject({ ok: true });
  expect(measure('["\\"')).toMatchObject({ ok: true });
});
