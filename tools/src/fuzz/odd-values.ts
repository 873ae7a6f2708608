import type { Chooser } from '../chaos/request-mix';

/**
 * Replacements for a JSON value, as text: values of every type, numbers at and beyond limits, texts that are hard to
 * handle, and invalid JSON. `marker` occurs in all that have room for it.
 */
export function oddTokens(marker: string): readonly string[] {
  return [...values(marker), ...numbers, ...texts(marker), ...notJson(marker)];
}

function values(marker: string): string[] {
  const quoted = JSON.stringify(marker);
  return [
    ...['null', 'true', 'false', '[]', '{}', '[[]]', '[null]', '[{}]', '[[[[[]]]]]', '""', '" "', quoted],
    ...[`[${quoted}]`, `[${quoted},null]`, `[${quoted},1,${quoted}]`, `{"text":${quoted}}`, `{"text":[${quoted}]}`],
    ...[`{"text":null,"${marker}":1}`, `{"${marker}":{"${marker}":${quoted}}}`, `{"":${quoted}}`],
    ...['{"__proto__":null}', '{"__proto__":{"text":"x"}}', '{"constructor":{"prototype":{"a":1}}}'],
    ...['{"toString":1,"valueOf":2}', '{"length":3,"0":"a"}', '{"then":"x"}', '{"toJSON":1}'],
  ];
}

const numbers: readonly string[] = [
  ...['0', '-0', '1', '-1', '0.5', '1.5', '3', '4', '999', '1000', '1001', '2147483648', '4294967296'],
  ...['9007199254740991', '9007199254740993', '18446744073709551616', '1e3', '1E+3', '1e308', '-1e308', '5e-324'],
  ...['1e400', '-1e400', '1e-400', '123456789012345678901234567890', '0.1000000000000000055511151231257827'],
  ...['"0"', '"1"', '"01"', '"-1"', '"1.0"', '"1e3"', '" 1"', '"0x10"', '"٣"', '"true"', '"NaN"', '"Infinity"'],
];

function texts(marker: string): string[] {
  return [
    ...['"\\ud800"', '"\\udc00\\ud800"', '"\\ud83d"', '"\\u0000"', '"a\\u0000b"', '"\\uffff"', '"\\ufeff"'],
    ...['"\\u202e"', '"\\u200b"', '"\\u00ad"', '"\\u3000"', '"\\u0085"', '"\\r\\n"', '"\\\\"', '"\\/"'],
    ...['"👩‍👩‍👧‍👦"', `"${'\u0301'.repeat(300)}"`, '"ﷺ"', '"{{7*7}}"', '"${7*7}"', '"../../etc/passwd"', '"<script>"'],
    ...[`"${marker} ${'word '.repeat(2_000)}"`, JSON.stringify('x'.repeat(100_001)), `"${'\\u0041'.repeat(500)}"`],
    JSON.stringify(marker.repeat(200)),
  ];
}

function notJson(marker: string): string[] {
  return [
    ...['NaN', 'Infinity', '-Infinity', 'undefined', 'True', 'None', 'nul', 'nulll', '01', '-', '+1', '.5', '5.'],
    ...['1e', '1e+', '0x10', '1_000', '1,', ',1', '--1', "'a'", '`a`', `'${marker}'`, `"${marker}`, `${marker}"`],
    ...['"\\x41"', '"\\u12"', '"\\ud800\\u"', '"\\', '"a\nb"', '"a\tb"', '"\u0000"', '[1,]', '{"a":1,}', '{a:1}'],
    ...['{"a"}', '{"a":}', '[', '{', ']', '}', '[}', '{]', '/* c */ 1', '1 // c', '', ' ', '\u00a0', '\ufeff1', '()'],
  ];
}

/** Long or deeply nested tokens. They are slow to create and to parse, so they are rare. */
export function largeToken(choose: Chooser, marker: string): string {
  const quoted = JSON.stringify(marker);
  const depth = choose.one([19, 20, 21, 200, 5_000, 100_000]);
  return choose.one([
    () => `[${Array.from({ length: choose.one([999, 1_000, 1_001, 20_000]) }, () => quoted).join(',')}]`,
    () => `[${'[],'.repeat(50_000)}[]]`,
    () => `{${Array.from({ length: 20_000 }, (_, at) => `"${at}":1`).join(',')}}`,
    () => '['.repeat(depth) + ']'.repeat(depth),
    () => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`,
    () => '['.repeat(depth),
    () => JSON.stringify('é'.repeat(choose.one([50_000, 100_000, 100_001]))),
    () => '9'.repeat(200_000),
  ])();
}
