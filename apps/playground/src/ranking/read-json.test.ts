import fc from 'fast-check';
import {
  type Reader,
  type ReadOf,
  count,
  finite,
  flag,
  listOf,
  object,
  oneOf,
  orNull,
  parseJson,
  text,
} from './read-json';

const read = object({ maxLength: count, label: text, isOn: orNull(flag), parts: listOf(object({ score: finite })) });
const fits = { max_length: 3, label: '', is_on: null, parts: [{ score: -0.5, more: 1 }], more: [] };

test('members are read from their spelling in the API, and others are passed over', () => {
  expect(read(fits)).toEqual({ maxLength: 3, label: '', isOn: null, parts: [{ score: -0.5 }] });
});

test('a nullable member may be missing', () => {
  expect(object({ a: orNull(text) })({})).toEqual({ a: null });
});

test.each([
  ['no object', []],
  ['null', null],
  ['a missing member', { ...fits, label: undefined }],
  ['a member of a prototype', Object.create(fits) as unknown],
  ['a fraction for a count', { ...fits, max_length: 1.5 }],
  ['a negative count', { ...fits, max_length: -1 }],
  ['a number that is none', { ...fits, parts: [{ score: Number.NaN }] }],
  ['an element that does not fit', { ...fits, parts: [{ score: 1 }, {}] }],
  ['an object for a list', { ...fits, parts: {} }],
  ['text for a flag', { ...fits, is_on: 'true' }],
])('%s does not fit', (_, value) => {
  expect(read(value)).toBeUndefined();
});

test('one of some strings', () => {
  const direction = oneOf('up', 'away');
  expect([direction('up'), direction('away'), direction('down'), direction(1)]).toEqual([
    'up',
    'away',
    undefined,
    undefined,
  ]);
});

test('no value makes a reader throw', () => {
  fc.assert(
    fc.property(fc.anything(), (value) => {
      expect(['undefined', 'object']).toContain(typeof read(value));
    }),
  );
});

test('what is not JSON is undefined', () => {
  expect([parseJson('{"a":1}'), parseJson('<html>'), parseJson('')]).toEqual([{ a: 1 }, undefined, undefined]);
});

/** Compiles only where the reader reads what the answer promises. */
const fitting = <Answer>() => ({
  reads: <R extends Reader<unknown>>(reader: R, value: ReadOf<Answer, R>) => reader(value),
});

test('a reader of what an answer does not promise does not compile', () => {
  interface Answer {
    max_length: number;
    state: 'up' | 'away';
    parts?: { score: number | null }[] | undefined;
  }
  const { reads } = fitting<Answer>();
  reads(object({ maxLength: count }), { maxLength: 1 });
  reads(object({ parts: orNull(listOf(object({ score: orNull(finite) }))) }), { parts: null });
  reads(object({ state: oneOf('up', 'away', 'unknown') }), { state: 'up' });
  // @ts-expect-error not a member of the answer
  reads(object({ length: count }), { length: 1 });
  // @ts-expect-error of another type
  reads(object({ maxLength: text }), { maxLength: '1' });
  // @ts-expect-error one of the values is not read
  reads(object({ state: oneOf('up') }), { state: 'up' });
  // @ts-expect-error may be missing
  reads(object({ parts: listOf(object({})) }), { parts: [] });
  // @ts-expect-error may be null, far within
  reads(object({ parts: orNull(listOf(object({ score: finite }))) }), { parts: [] });
});
