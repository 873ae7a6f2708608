import { parseTraceparent } from './traceparent';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const spanId = '00f067aa0ba902b7';

describe('parseTraceparent', () => {
  test.each([
    [`00-${traceId}-${spanId}-01`, true],
    [`00-${traceId}-${spanId}-00`, false],
    [`00-${traceId}-${spanId}-03`, true],
    [`cc-${traceId}-${spanId}-01-what-comes-later`, true],
  ])('reads %s', (text, isSampled) => expect(parseTraceparent(text)).toEqual({ traceId, spanId, isSampled }));

  test.each([
    ['an empty one', ''],
    ['two headers', `00-${traceId}-${spanId}-01, 00-${traceId}-${spanId}-01`],
    ['the forbidden version', `ff-${traceId}-${spanId}-01`],
    ['a trace id of zeros', `00-${'0'.repeat(32)}-${spanId}-01`],
    ['a parent id of zeros', `00-${traceId}-${'0'.repeat(16)}-01`],
    ['upper case', `00-${traceId.toUpperCase()}-${spanId}-01`],
    ['more than version 00 has', `00-${traceId}-${spanId}-01-more`],
    ['a short trace id', `00-${traceId.slice(1)}-${spanId}-01`],
    ['a text around it', `x00-${traceId}-${spanId}-01`],
    ['endless text of a later version', `01-${traceId}-${spanId}-01-${'x'.repeat(1000)}`],
  ])('ignores %s', (_what, text) => expect(parseTraceparent(text)).toBeUndefined());
});
