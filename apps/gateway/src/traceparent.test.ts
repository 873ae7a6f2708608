import { validTraceparent } from './traceparent';

const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
const parent = '00f067aa0ba902b7';

describe('validTraceparent', () => {
  test.each([`00-${trace}-${parent}-01`, `00-${trace}-${parent}-00`, `cc-${trace}-${parent}-01-what-comes-later`])(
    'passes %s on',
    (header) => expect(validTraceparent(header)).toBe(header),
  );

  test.each([
    ['nothing', undefined],
    ['two headers', [`00-${trace}-${parent}-01`, `00-${trace}-${parent}-01`]],
    ['an empty one', ''],
    ['the forbidden version', `ff-${trace}-${parent}-01`],
    ['a trace id of zeros', `00-${'0'.repeat(32)}-${parent}-01`],
    ['a parent id of zeros', `00-${trace}-${'0'.repeat(16)}-01`],
    ['upper case', `00-${trace.toUpperCase()}-${parent}-01`],
    ['more than version 00 has', `00-${trace}-${parent}-01-more`],
    ['a short trace id', `00-${trace.slice(1)}-${parent}-01`],
    ['a text around it', `x00-${trace}-${parent}-01`],
    ['endless text of a later version', `01-${trace}-${parent}-01-${'x'.repeat(1000)}`],
  ])('ignores %s', (_what, header) => expect(validTraceparent(header)).toBeUndefined());
});
